# The fuzz preset: clang, libFuzzer and ASan over the pure rooms and the HTTP parser. Coroutines stay
# out, because clang 14 cannot compile asio's awaitables with libstdc++ 12.
# tests/fuzz/CMakeLists.txt calls fleet_fuzz(name file…) once for each parser of outside bytes.

if(EXISTS "${CMAKE_SOURCE_DIR}/src/faces/http/parser.cpp")
  set(http "${CMAKE_SOURCE_DIR}/src/faces/http")
  add_library(fleet-http-parser STATIC
    "${http}/parser.cpp" "${http}/scan.cpp" "${http}/chunks.cpp" "${http}/request.cpp"
    "${http}/limits.cpp" "${http}/local_rules.cpp")
  target_link_libraries(fleet-http-parser PUBLIC fleet-model PRIVATE fleet::beast fleet::flags)
else()
  add_library(fleet-http-parser INTERFACE)
endif()

function(fleet_fuzz name)
  add_executable(fuzz-${name} ${ARGN})
  target_link_libraries(fuzz-${name} PRIVATE fleet-http-parser fleet-core fleet::flags)
  target_link_options(fuzz-${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(fuzz-${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzzers")
endfunction()

if(EXISTS "${CMAKE_SOURCE_DIR}/tests/fuzz/CMakeLists.txt")
  add_subdirectory(tests/fuzz)
endif()
