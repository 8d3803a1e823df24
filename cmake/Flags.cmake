# SPDX-License-Identifier: Apache-2.0
# One interface target carries every flag; each Davy target links it.
add_library(davy_flags INTERFACE)
target_include_directories(davy_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(davy_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Wimplicit-fallthrough -Wextra-semi -Werror -fno-omit-frame-pointer)
# DAVY_TRY is a statement expression, marked __extension__; clang warns in spite of that.
# std::stable_sort of the GCC 12 library uses what that library itself calls deprecated.
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  target_compile_options(davy_flags INTERFACE -Wno-gnu-statement-expression
    -Wno-gnu-statement-expression-from-macro-expansion -Wno-deprecated-declarations
    -Wthread-safety)
endif()
target_compile_definitions(davy_flags INTERFACE _GLIBCXX_ASSERTIONS)
# Everywhere, because it defines a macro: the precompiled header serves units that agree on those.
target_compile_options(davy_flags INTERFACE -pthread)

# GCC 12 warns falsely on inlined std::string concatenation (GCC bugs 105329 and 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(davy_flags INTERFACE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow
    -Wno-stringop-overread)
endif()

# x86-64-v2 (SSE4.2, 2009) is what vectorscan's package asks of an amd64 machine anyway.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  target_compile_options(davy_flags INTERFACE -march=x86-64-v2)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo" OR CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(davy_flags INTERFACE -O2 -fstack-protector-strong -fcf-protection)
  target_compile_definitions(davy_flags INTERFACE _FORTIFY_SOURCE=2)
  target_link_options(davy_flags INTERFACE -Wl,-z,relro,-z,now)
endif()

if(DAVY_SANITIZE)
  target_compile_options(davy_flags INTERFACE -fsanitize=${DAVY_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(davy_flags INTERFACE -fsanitize=${DAVY_SANITIZE})
endif()
if(DAVY_FUZZ)
  target_compile_options(davy_flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined
    -fno-sanitize-recover=all)
  target_link_options(davy_flags INTERFACE -fsanitize=address,undefined)
endif()
if(DAVY_COVERAGE)
  target_compile_options(davy_flags INTERFACE --coverage)
  target_link_options(davy_flags INTERFACE --coverage)
endif()

find_program(DAVY_CCACHE ccache)
if(DAVY_CCACHE)
  # Without this leniency ccache caches nothing that uses a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
    ${DAVY_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${DAVY_CCACHE})
endif()
