# fleet_layer, fleet_program, fleet_test: one call per room, sources found by folder.
# A new file needs no edit here; a room without a .cpp is headers only and configures all the same.

function(fleet_room_setup target scope)
  target_include_directories(${target} ${scope} "${CMAKE_SOURCE_DIR}/include" "${CMAKE_SOURCE_DIR}/src")
endfunction()

# Text that a room ships inside the program: SQL, pages, templates.
function(fleet_embed_room target room)
  file(GLOB_RECURSE texts CONFIGURE_DEPENDS
    "${CMAKE_SOURCE_DIR}/src/${room}/*.sql" "${CMAKE_SOURCE_DIR}/src/${room}/*.html"
    "${CMAKE_SOURCE_DIR}/src/${room}/*.css" "${CMAKE_SOURCE_DIR}/src/${room}/*.js"
    "${CMAKE_SOURCE_DIR}/src/${room}/*.template.*")
  foreach(text ${texts})
    fleet_embed(${target} "${text}")
  endforeach()
endfunction()

# fleet_layer(room PUBLIC rooms… PRIVATE libraries…): the static library fleet-<room>. The link graph is
# the picture of docs/ARCHITECTURE.md; a call upwards does not link.
function(fleet_layer room)
  cmake_parse_arguments(arg "" "" "PUBLIC;PRIVATE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${room}/*.cpp")
  list(REMOVE_ITEM sources "${CMAKE_SOURCE_DIR}/src/${room}/main.cpp")
  set(target fleet-${room})
  if(NOT sources)
    add_library(${target} INTERFACE)
    fleet_room_setup(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${arg_PUBLIC})
    return()
  endif()
  add_library(${target} STATIC ${sources})
  fleet_room_setup(${target} PUBLIC)
  target_link_libraries(${target} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE} fleet::flags)
  fleet_embed_room(${target} ${room})
endfunction()

# fleet_program(name room): the room's main.cpp on top of its library; everything else in the room
# stays testable.
function(fleet_program target room)
  if(NOT EXISTS "${CMAKE_SOURCE_DIR}/src/${room}/main.cpp")
    return()
  endif()
  add_executable(${target} "${CMAKE_SOURCE_DIR}/src/${room}/main.cpp")
  target_link_libraries(${target} PRIVATE fleet-${room} fleet::flags)
  file(GLOB texts CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/config/*.template.*")
  get_target_property(kind fleet-${room} TYPE)
  foreach(text ${texts})
    if(NOT kind STREQUAL "INTERFACE_LIBRARY")
      fleet_embed(fleet-${room} "${text}")
    endif()
  endforeach()
endfunction()

# fleet_test(room LINKS rooms… [SHARDS n] [TIMEOUT s]): one program of everything under tests/<room>.
# It links only its room, so that a test cannot reach where the room itself may not. SHARDS spreads a
# long program over the cores.
function(fleet_test room)
  cmake_parse_arguments(arg "" "SHARDS;TIMEOUT" "LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/${room}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "_main\\.cpp$")
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  if(NOT tests)
    return()
  endif()
  set(target test-${room})
  add_executable(${target} ${sources})
  target_link_libraries(${target} PRIVATE fleet-test-support ${arg_LINKS} fleet::gtest fleet::flags)
  if(NOT arg_SHARDS)
    set(arg_SHARDS 1)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 600)
  endif()
  math(EXPR last "${arg_SHARDS} - 1")
  foreach(shard RANGE ${last})
    set(name ${room})
    if(arg_SHARDS GREATER 1)
      set(name ${room}.${shard})
    endif()
    add_test(NAME ${name} COMMAND ${target} WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT ${arg_TIMEOUT}
      ENVIRONMENT "GTEST_TOTAL_SHARDS=${arg_SHARDS};GTEST_SHARD_INDEX=${shard};GTEST_BRIEF=1;UBSAN_OPTIONS=print_stacktrace=1")
  endforeach()
endfunction()
