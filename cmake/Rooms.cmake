# okiagari_room(<name> FLOOR <n> DEPENDS <rooms...> LIBS <libraries...>)
#
#   A room is the folder src/<name>. Its *.cc make the library okiagari_<name>; a room of headers
#   alone becomes an interface library. Its *_test.cc make the program <name>_test.
#   DEPENDS names every other room that it may include, all of them on lower floors; the test
#   tests/house/floors_test.cc reads these lines from CMakeLists.txt and holds the rooms to them.
#   A room without files, and a dependency on one, is skipped.
#
# okiagari_test(<name> SOURCES <files...> [ROOMS <rooms...>] [LIBS <libraries...>]
#               [LABELS <labels...>] [TIMEOUT <seconds>] [SERIAL] [NEEDS_PROGRAM])
#
#   A GoogleTest program of a folder under tests/. Labels that mean something to ./test:
#     quick     also run under the sanitizers
#     planted   run in the build with planted defects, and only there
#   A SERIAL test has the machine to itself: for those that judge times.
#   With NEEDS_PROGRAM the okiagari program is built first; OKIAGARI_PROGRAM is its path.
#   OKIAGARI_SOURCE_DIR is the repository's folder, for golden files.
#
# okiagari_fuzzer(<name> SOURCES <files...> [ROOMS <rooms...>] [CORPUS <folder>])
#
#   A libFuzzer program, run for a few seconds as a test, from the seeds in CORPUS.

include(GoogleTest)

# Built by ./test before it runs the tests of that label.
add_custom_target(quick_tests)

function(okiagari_link target)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "SCOPE" "ROOMS;LIBS")
  foreach(room IN LISTS ARG_ROOMS)
    if(TARGET okiagari_${room})
      target_link_libraries(${target} ${ARG_SCOPE} okiagari_${room})
    endif()
  endforeach()
  target_link_libraries(${target} ${ARG_SCOPE} ${ARG_LIBS})
endfunction()

function(okiagari_register_test target)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "SERIAL" "TIMEOUT;PREFIX" "LABELS")
  if("quick" IN_LIST ARG_LABELS)
    add_dependencies(quick_tests ${target})
  endif()
  set(properties TIMEOUT ${ARG_TIMEOUT})
  if(ARG_LABELS)
    list(APPEND properties LABELS "${ARG_LABELS}")
  endif()
  if(ARG_SERIAL)
    list(APPEND properties RUN_SERIAL TRUE)
  endif()
  gtest_discover_tests(${target}
    TEST_PREFIX "${ARG_PREFIX}"
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    PROPERTIES ${properties})
endfunction()

function(okiagari_room name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "FLOOR" "DEPENDS;LIBS")
  set(folder "${CMAKE_SOURCE_DIR}/src/${name}")
  file(GLOB sources CONFIGURE_DEPENDS "${folder}/*.cc")
  file(GLOB headers CONFIGURE_DEPENDS "${folder}/*.h")
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")
  if(NOT sources AND NOT headers)
    return()
  endif()

  set(library okiagari_${name})
  if(sources)
    set(scope PUBLIC)
    add_library(${library} STATIC ${sources})
    target_link_libraries(${library} PRIVATE okiagari_warnings)
  else()
    set(scope INTERFACE)
    add_library(${library} INTERFACE)
  endif()
  target_include_directories(${library} ${scope} "${CMAKE_SOURCE_DIR}/src")
  okiagari_link(${library} SCOPE ${scope} ROOMS ${ARG_DEPENDS} LIBS ${ARG_LIBS})

  if(EXISTS "${folder}/main.cc")
    add_executable(okiagari "${folder}/main.cc")
    target_link_libraries(okiagari PRIVATE ${library} okiagari_warnings)
    set_target_properties(okiagari PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
  endif()

  if(tests AND NOT OKIAGARI_PLANT AND NOT OKIAGARI_FUZZ)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE
      ${library} okiagari_warnings GTest::gmock GTest::gtest_main rapidcheck)
    target_compile_definitions(${name}_test PRIVATE OKIAGARI_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    okiagari_register_test(${name}_test PREFIX "${name}/" LABELS quick TIMEOUT 300)
  endif()
endfunction()

function(okiagari_test name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG
    "NEEDS_PROGRAM;SERIAL" "TIMEOUT" "SOURCES;ROOMS;LIBS;LABELS")
  set(planted OFF)
  if("planted" IN_LIST ARG_LABELS)
    set(planted ON)
  endif()
  if(OKIAGARI_FUZZ OR (planted AND NOT OKIAGARI_PLANT) OR (OKIAGARI_PLANT AND NOT planted))
    return()
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()

  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/src" "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE
    okiagari_warnings GTest::gmock GTest::gtest_main rapidcheck)
  okiagari_link(${name} SCOPE PRIVATE ROOMS ${ARG_ROOMS} LIBS ${ARG_LIBS})
  target_compile_definitions(${name} PRIVATE
    OKIAGARI_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
    OKIAGARI_PROGRAM="${CMAKE_BINARY_DIR}/okiagari")
  if(ARG_NEEDS_PROGRAM AND TARGET okiagari)
    add_dependencies(${name} okiagari)
  endif()
  get_filename_component(folder "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
  set(serial)
  if(ARG_SERIAL)
    set(serial SERIAL)
  endif()
  okiagari_register_test(${name} ${serial}
    PREFIX "${folder}/" LABELS ${ARG_LABELS} TIMEOUT ${ARG_TIMEOUT})
endfunction()

function(okiagari_fuzzer name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "CORPUS" "SOURCES;ROOMS")
  if(NOT OKIAGARI_FUZZ)
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(${name} PRIVATE okiagari_warnings)
  okiagari_link(${name} SCOPE PRIVATE ROOMS ${ARG_ROOMS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  # What a run finds is kept in the build folder; the seeds stay as they are.
  set(found "${CMAKE_BINARY_DIR}/corpus/${name}")
  file(MAKE_DIRECTORY "${found}")
  add_test(NAME fuzz/${name} COMMAND ${name}
    -max_total_time=10 -max_len=4096 -print_final_stats=1 -artifact_prefix=${found}-
    "${found}" ${ARG_CORPUS})
  set_tests_properties(fuzz/${name} PROPERTIES LABELS fuzz TIMEOUT 120)
endfunction()
