# SPDX-License-Identifier: Apache-2.0
# The three kinds of target. Names are the folder's: davy/sigma -> davy_sigma.

# What nearly every unit reads is compiled once, and once more with GoogleTest for the tests. (Two
# targets, because programs and libraries are compiled differently.)
set(DAVY_PRECOMPILED <algorithm> <functional> <map> <memory> <optional> <set> <string> <string_view>
  <vector> <fmt/format.h>)
file(WRITE ${CMAKE_BINARY_DIR}/gen/empty.cc "")
file(WRITE ${CMAKE_BINARY_DIR}/gen/empty_main.cc "int main() {}\n")
add_library(davy_precompiled OBJECT ${CMAKE_BINARY_DIR}/gen/empty.cc)
target_link_libraries(davy_precompiled PRIVATE davy_flags fmt::fmt)
target_precompile_headers(davy_precompiled PRIVATE ${DAVY_PRECOMPILED})
if(DAVY_TESTS)
  # The code of a test runs for seconds: optimising it costs more time than it saves, so it is done
  # only where the kind of build asks for it itself (release). What it tests is optimised.
  add_library(davy_test_flags INTERFACE)
  target_link_libraries(davy_test_flags INTERFACE davy_flags)
  target_compile_options(davy_test_flags INTERFACE -O0 -U_FORTIFY_SOURCE)
  add_executable(davy_test_precompiled ${CMAKE_BINARY_DIR}/gen/empty_main.cc)
  target_link_libraries(davy_test_precompiled PRIVATE davy_test_flags fmt::fmt GTest::gtest)
  target_precompile_headers(davy_test_precompiled PRIVATE ${DAVY_PRECOMPILED} <gtest/gtest.h>)
endif()

# davy_library(sigma SOURCES a.cc b.cc USES davy_event fmt::fmt)
function(davy_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  add_library(davy_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(davy_${name} PUBLIC davy_flags ${ARG_USES})
  target_precompile_headers(davy_${name} REUSE_FROM davy_precompiled)
endfunction()

# davy_test(sigma SOURCES a_test.cc USES davy_sigma): one test program a folder, ctest name sigma_test.
# The files of a program are compiled together, which reads GoogleTest and RapidCheck once instead of
# once a file; APART where their local names clash.
# SHARDS 2 runs a long one as sigma_test_1 and sigma_test_2, each a part of its tests, side by side.
function(davy_test name)
  if(NOT DAVY_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "APART" "SHARDS" "SOURCES;USES" ${ARGN})
  add_executable(${name}_test ${ARG_SOURCES})
  if(NOT ARG_APART)
    set_target_properties(${name}_test PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  endif()
  target_include_directories(${name}_test SYSTEM PRIVATE ${RAPIDCHECK_INCLUDE_DIR})
  target_link_libraries(${name}_test PRIVATE davy_test_flags ${ARG_USES} GTest::gtest_main
    ${RAPIDCHECK_LIBRARY})
  target_compile_definitions(${name}_test PRIVATE DAVY_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_precompile_headers(${name}_test REUSE_FROM davy_test_precompiled)
  if(NOT ARG_SHARDS)
    add_test(NAME ${name}_test COMMAND ${name}_test)
    set_tests_properties(${name}_test PROPERTIES ENVIRONMENT "TZ=Europe/Kyiv")
    return()
  endif()
  foreach(shard RANGE 1 ${ARG_SHARDS})
    math(EXPR index "${shard} - 1")
    add_test(NAME ${name}_test_${shard} COMMAND ${name}_test)
    set_tests_properties(${name}_test_${shard} PROPERTIES ENVIRONMENT
      "TZ=Europe/Kyiv;GTEST_TOTAL_SHARDS=${ARG_SHARDS};GTEST_SHARD_INDEX=${index}")
  endforeach()
endfunction()

# davy_fuzz(vpc_flow SOURCES vpc_flow_fuzz.cc USES davy_decode): libFuzzer target with -DDAVY_FUZZ=ON;
# otherwise a program that replays the seeds, run by ctest.
function(davy_fuzz name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  if(DAVY_FUZZ)
    add_executable(${name}_fuzz ${ARG_SOURCES})
    target_link_libraries(${name}_fuzz PRIVATE davy_flags ${ARG_USES})
    target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
    if(DAVY_TESTS)
      add_test(NAME fuzz_replay_${name}
        COMMAND ${name}_fuzz -runs=0 ${CMAKE_SOURCE_DIR}/fuzz/seeds/${name})
    endif()
  elseif(DAVY_TESTS)
    add_executable(${name}_fuzz ${ARG_SOURCES} ${CMAKE_SOURCE_DIR}/fuzz/replay_main.cc)
    target_link_libraries(${name}_fuzz PRIVATE davy_flags ${ARG_USES})
    add_test(NAME fuzz_replay_${name} COMMAND ${name}_fuzz ${CMAKE_SOURCE_DIR}/fuzz/seeds/${name})
  endif()
endfunction()
