# Tests that are not C++: python files against the real binary, the protocol model, the rules of the house.

# fleet_python_tests(folder): every tests/<folder>/test_*.py is one ctest of that label. Its first ten
# lines may say `# ctest-timeout: 300` and `# ctest-serial`.
function(fleet_python_tests folder)
  file(GLOB files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/${folder}/test_*.py")
  foreach(file ${files})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    cmake_path(GET file STEM name)
    string(REGEX REPLACE "^test_" "${folder}." name "${name}")
    file(STRINGS "${file}" head LIMIT_COUNT 10)
    set(timeout 300)
    set(serial OFF)
    if(head MATCHES "# ctest-timeout: *([0-9]+)")
      set(timeout ${CMAKE_MATCH_1})
    endif()
    if(head MATCHES "# ctest-serial")
      set(serial ON)
    endif()
    add_test(NAME ${name} WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}"
      COMMAND "${Python3_EXECUTABLE}" -B "${CMAKE_SOURCE_DIR}/cmake/run_python_test.py" "${file}")
    set_tests_properties(${name} PROPERTIES LABELS ${folder} TIMEOUT ${timeout} RUN_SERIAL ${serial}
      SKIP_RETURN_CODE 77 ENVIRONMENT "FLEET_NERVE_BIN=$<TARGET_FILE:fleet-nerve>;PYTHONUNBUFFERED=1;UBSAN_OPTIONS=print_stacktrace=1")
  endforeach()
endfunction()

find_package(Python3 REQUIRED COMPONENTS Interpreter)
if(TARGET fleet-nerve)
  fleet_python_tests(e2e)
  fleet_python_tests(lab)
endif()

if(EXISTS "${CMAKE_SOURCE_DIR}/docs/model/run")
  add_test(NAME protocol_model COMMAND "${CMAKE_SOURCE_DIR}/docs/model/run" WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
  set_tests_properties(protocol_model PROPERTIES LABELS model TIMEOUT 600 SKIP_RETURN_CODE 77)
endif()

if(EXISTS "${CMAKE_SOURCE_DIR}/tests/tidy/tidy.py")
  foreach(script tidy tidy_test)
    add_test(NAME ${script} COMMAND "${Python3_EXECUTABLE}" -B "${CMAKE_SOURCE_DIR}/tests/tidy/${script}.py"
      WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties(${script} PROPERTIES LABELS tidy TIMEOUT 60)
  endforeach()
endif()
