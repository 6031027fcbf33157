# FLEET_SANITIZE=address,undefined or thread: on every target of ours, compile and link.

if(FLEET_SANITIZE)
  target_compile_options(fleet_flags INTERFACE
    -fsanitize=${FLEET_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(fleet_flags INTERFACE -fsanitize=${FLEET_SANITIZE})
  if(FLEET_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # asio fences with atomic_thread_fence, which g++'s TSan does not model; it warns at each.
    target_compile_options(fleet_flags INTERFACE -Wno-tsan)
  endif()
endif()
