# fleet::flags: what every target of ours is compiled and linked with. Third-party code never sees it.

add_library(fleet_flags INTERFACE)
add_library(fleet::flags ALIAS fleet_flags)
target_compile_definitions(fleet_flags INTERFACE FLEET_VERSION="${PROJECT_VERSION}")
if(FLEET_PLANTS)
  target_compile_definitions(fleet_flags INTERFACE FLEET_PLANTS=1)
endif()

target_compile_options(fleet_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wswitch-enum -Wnon-virtual-dtor -Woverloaded-virtual)
if(FLEET_WERROR)
  target_compile_options(fleet_flags INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports std::string's own copies (GCC bug 105651) and coroutine frames at -O2; both are false.
  target_compile_options(fleet_flags INTERFACE -Wno-restrict -Wno-error=maybe-uninitialized)
endif()

# Hardening: the attacker here is whoever can send bytes to the daemon.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported()
target_compile_options(fleet_flags INTERFACE -fstack-protector-strong)
target_compile_definitions(fleet_flags INTERFACE _GLIBCXX_ASSERTIONS)
if(CMAKE_BUILD_TYPE STREQUAL "Release")  # fortified libc calls exist only where the optimiser runs
  target_compile_options(fleet_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  target_compile_options(fleet_flags INTERFACE -ffunction-sections -fdata-sections)
endif()
if(NOT APPLE)
  target_link_options(fleet_flags INTERFACE -Wl,-z,relro,-z,now -Wl,--as-needed -Wl,--gc-sections)
endif()
