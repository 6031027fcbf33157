# fleet_embed(target file): a text file as a constant of the program.
#   src/services/inbox/schema/001_init.sql
# becomes the header "services/inbox/schema/001_init.sql.h" with
#   namespace fleet::embedded { inline constexpr std::string_view services_inbox_schema_001_init_sql; }
# Files outside src/ keep their path from the project's root. Run with -P, this same file writes the header.

if(CMAKE_SCRIPT_MODE_FILE)
  file(READ "${FROM}" text)
  # Compilers may refuse very long literals; adjacent ones are joined without a limit of ours.
  string(LENGTH "${text}" length)
  set(body "")
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${text}" ${at} 8000 piece)
    string(APPEND body "    R\"fleet~(${piece})fleet~\"\n")
    math(EXPR at "${at} + 8000")
  endwhile()
  if(body STREQUAL "")
    set(body "    \"\"\n")
  endif()
  file(WRITE "${TO}" "// Generated from ${NAME}; do not edit.\n#pragma once\n#include <string_view>\n"
    "namespace fleet::embedded {\ninline constexpr std::string_view ${SYMBOL} =\n${body}    ;\n}\n")
  return()
endif()

set(FLEET_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")
function(fleet_embed target file)
  cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY "${CMAKE_SOURCE_DIR}" NORMALIZE)
  cmake_path(RELATIVE_PATH file BASE_DIRECTORY "${CMAKE_SOURCE_DIR}" OUTPUT_VARIABLE name)
  string(REGEX REPLACE "^src/" "" name "${name}")
  string(MAKE_C_IDENTIFIER "${name}" symbol)
  set(header "${CMAKE_BINARY_DIR}/embedded/${name}.h")
  add_custom_command(OUTPUT "${header}" DEPENDS "${file}" "${FLEET_EMBED_SCRIPT}" VERBATIM
    COMMAND "${CMAKE_COMMAND}" "-DFROM=${file}" "-DTO=${header}" "-DNAME=${name}" "-DSYMBOL=${symbol}"
            -P "${FLEET_EMBED_SCRIPT}"
    COMMENT "Embedding ${name}")
  target_sources(${target} PRIVATE "${header}")
  target_include_directories(${target} PUBLIC "${CMAKE_BINARY_DIR}/embedded")
endfunction()
