# Every third-party library under one name, fleet::<x>. The rest of the build uses only these names.
# All includes are SYSTEM, so our warnings stay ours. Debian and Homebrew differ only in this file.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

if(APPLE)  # openssl@3 and sqlite are keg-only: neither CMake nor pkg-config sees them unasked
  foreach(keg openssl@3 sqlite)
    execute_process(COMMAND brew --prefix ${keg} OUTPUT_VARIABLE prefix OUTPUT_STRIP_TRAILING_WHITESPACE
                    ERROR_QUIET)
    if(prefix)
      list(APPEND CMAKE_PREFIX_PATH "${prefix}")
      set(ENV{PKG_CONFIG_PATH} "${prefix}/lib/pkgconfig:$ENV{PKG_CONFIG_PATH}")
    endif()
  endforeach()
endif()

# fleet_package(name targets…): fleet::<name> shows the targets' headers as SYSTEM.
function(fleet_package name)
  add_library(fleet_pkg_${name} INTERFACE)
  target_link_libraries(fleet_pkg_${name} INTERFACE ${ARGN})
  foreach(target ${ARGN})
    if(TARGET ${target})
      target_include_directories(fleet_pkg_${name} SYSTEM INTERFACE
        $<TARGET_PROPERTY:${target},INTERFACE_INCLUDE_DIRECTORIES>)
    endif()
  endforeach()
  add_library(fleet::${name} ALIAS fleet_pkg_${name})
endfunction()

# fleet_headers(name header): a header-only library without a package of its own.
function(fleet_headers name header)
  find_path(FLEET_${name}_INCLUDE ${header} REQUIRED)
  fleet_package(${name})
  target_include_directories(fleet_pkg_${name} SYSTEM INTERFACE "${FLEET_${name}_INCLUDE}")
endfunction()

find_package(OpenSSL 3.0 REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
fleet_package(crypto OpenSSL::Crypto)
fleet_package(json nlohmann_json::nlohmann_json)
fleet_headers(beast boost/beast/http/parser.hpp)

if(FLEET_FUZZ)
  return()  # the pure rooms and the HTTP parser need nothing else
endif()

find_package(SQLite3 REQUIRED)
find_package(SQLiteCpp CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
pkg_check_modules(NATS REQUIRED IMPORTED_TARGET libnats)  # Debian's cnats CMake package is broken
pkg_check_modules(SSH2 REQUIRED IMPORTED_TARGET libssh2)
# The .pc file carries the OPENSSL/ZLIB/BROTLI defines that the compiled library was built with;
# without them the class layouts differ.
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)

fleet_headers(asio asio.hpp)
add_library(fleet-asio STATIC "${CMAKE_SOURCE_DIR}/cmake/asio.cpp")
target_include_directories(fleet-asio SYSTEM PRIVATE "${FLEET_asio_INCLUDE}")
target_compile_definitions(fleet-asio PUBLIC ASIO_STANDALONE ASIO_NO_DEPRECATED ASIO_SEPARATE_COMPILATION)
target_link_libraries(fleet-asio PUBLIC Threads::Threads PRIVATE fleet::flags)  # sanitized as all of ours
target_link_libraries(fleet_pkg_asio INTERFACE fleet-asio)

fleet_package(ssl OpenSSL::SSL)
fleet_package(nats PkgConfig::NATS)
fleet_package(httplib PkgConfig::HTTPLIB OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
fleet_package(sqlite SQLiteCpp SQLite::SQLite3)
fleet_package(ssh2 PkgConfig::SSH2)
fleet_package(spdlog spdlog::spdlog)
fleet_package(cli11 CLI11::CLI11)

if(FLEET_TESTS)
  find_package(GTest CONFIG REQUIRED)
  fleet_package(gtest GTest::gtest GTest::gtest_main)
endif()
find_package(benchmark CONFIG QUIET)  # only bench/ uses it
if(benchmark_FOUND)
  fleet_package(benchmark benchmark::benchmark)
endif()
