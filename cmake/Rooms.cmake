# okiagari_room(<name> FLOOR <n> DEPENDS <rooms...> LIBS <libraries...> [HAS_THREADS])
#
#   A room is the folder src/<name>. Its *.cc make the library okiagari_<name>; a room of headers
#   alone becomes an interface library. Its *_test.cc make the program <name>_test.
#   DEPENDS names every other room that it may include, all of them on lower floors; the test
#   tests/house/floors_test.cc reads these lines from CMakeLists.txt and holds the rooms to them.
#   The tests of a room that HAS_THREADS also run under the thread sanitizer.
#   A room without files, and a dependency on one, is skipped. A room is built when something that
#   runs needs it.
#
# okiagari_test(<name> SOURCES <files...> [ROOMS <rooms...>] [LIBS <libraries...>]
#               [LABELS <labels...>] [TIMEOUT <seconds>] [SERIAL] [NEEDS_PROGRAM]
#               [PREFIX <text>])
#
#   A GoogleTest program of a folder under tests/, whose tests are listed with the folder's name
#   before theirs, or with PREFIX. Labels that mean something to ./test:
#     quick     also run under the address and undefined behaviour sanitizers
#     threads   also run under the thread sanitizer
#   A SERIAL test has the machine to itself: for those that judge times. It has the label serial,
#   by which ./test gives it a second try.
#   With NEEDS_PROGRAM the okiagari program is built first, and with NEEDS_PLANTED_PROGRAM the one
#   with planted defects. In test_places.h OKIAGARI_PROGRAM is its path and OKIAGARI_SOURCE_DIR the
#   repository's folder, for golden files.
#
# okiagari_fuzzer(<name> SOURCES <files...> [ROOMS <rooms...>] [LIBS <libraries...>]
#                 [CORPUS <folder>])
#
#   A libFuzzer program, run for a few seconds as a test with the label fuzz, from the seeds in
#   CORPUS; built with those of the label quick.

include(GoogleTest)

set(OKIAGARI_TEST_PLACES "${CMAKE_BINARY_DIR}/test_places")
configure_file("${CMAKE_SOURCE_DIR}/cmake/test_places.h.in"
  "${OKIAGARI_TEST_PLACES}/test_places.h" @ONLY)

# Built by ./test before it runs the tests of that label.
set(OKIAGARI_LABELS_WITH_TARGET quick threads)
foreach(label IN LISTS OKIAGARI_LABELS_WITH_TARGET)
  add_custom_target(${label}_tests)
endforeach()

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
  foreach(label IN LISTS OKIAGARI_LABELS_WITH_TARGET)
    if("${label}" IN_LIST ARG_LABELS)
      add_dependencies(${label}_tests ${target})
    endif()
  endforeach()
  set(properties TIMEOUT ${ARG_TIMEOUT})
  if(ARG_SERIAL)
    list(APPEND ARG_LABELS serial)
  endif()
  if(ARG_LABELS)
    # One word: gtest_discover_tests() takes no lists as values. The presets look for a part of it.
    string(JOIN "+" label ${ARG_LABELS})
    list(APPEND properties LABELS "${label}")
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

# Keeps in mind those of the files that can have defects planted in them (src/base/planted.h).
function(okiagari_note_planted)
  foreach(source IN LISTS ARGN)
    file(STRINGS "${source}" includes REGEX "^#include \"[a-z]+/planted[a-z_]*\\.h\"")
    if(includes)
      set_property(GLOBAL APPEND PROPERTY OKIAGARI_PLANTED_SOURCES "${source}")
    endif()
  endforeach()
endfunction()

# The program, and the one with planted defects: the few files that can have them are compiled a
# second time and take the place of those in the rooms' libraries, because the linker looks into a
# library only for what is still missing.
function(okiagari_programs library main)
  add_library(okiagari_main OBJECT "${main}")
  target_link_libraries(okiagari_main PRIVATE ${library} okiagari_warnings)
  get_property(planted_sources GLOBAL PROPERTY OKIAGARI_PLANTED_SOURCES)
  add_executable(okiagari)
  add_executable(okiagari_planted EXCLUDE_FROM_ALL ${planted_sources})
  target_compile_definitions(okiagari_planted PRIVATE OKIAGARI_PLANTED_DEFECTS)
  foreach(program okiagari okiagari_planted)
    target_link_libraries(${program} PRIVATE okiagari_main ${library} okiagari_warnings)
    # With the names of functions, so that the frames of a crash can be read without tools.
    set_target_properties(${program} PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}" ENABLE_EXPORTS ON)
  endforeach()
endfunction()

function(okiagari_room name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "HAS_THREADS" "FLOOR" "DEPENDS;LIBS")
  set(folder "${CMAKE_SOURCE_DIR}/src/${name}")
  file(GLOB sources CONFIGURE_DEPENDS "${folder}/*.cc")
  file(GLOB headers CONFIGURE_DEPENDS "${folder}/*.h")
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")
  set(has_program OFF)
  if(EXISTS "${folder}/main.cc")
    set(has_program ON)
  endif()
  if(NOT sources AND NOT headers)
    return()
  endif()

  set(library okiagari_${name})
  if(sources)
    set(scope PUBLIC)
    add_library(${library} STATIC EXCLUDE_FROM_ALL ${sources})
    target_link_libraries(${library} PRIVATE okiagari_warnings)
    okiagari_use_headers(${library})
  else()
    set(scope INTERFACE)
    add_library(${library} INTERFACE)
  endif()
  target_include_directories(${library} ${scope} "${CMAKE_SOURCE_DIR}/src")
  okiagari_link(${library} SCOPE ${scope} ROOMS ${ARG_DEPENDS} LIBS ${ARG_LIBS})

  okiagari_note_planted(${sources})
  if(has_program)
    okiagari_programs(${library} "${folder}/main.cc")
  endif()

  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE
      ${library} okiagari_warnings GTest::gmock GTest::gtest_main rapidcheck)
    target_include_directories(${name}_test PRIVATE "${OKIAGARI_TEST_PLACES}")
    okiagari_use_test_headers(${name}_test)
    set(labels quick)
    if(ARG_HAS_THREADS)
      list(APPEND labels threads)
    endif()
    okiagari_register_test(${name}_test PREFIX "${name}/" LABELS ${labels} TIMEOUT 300)
  endif()
endfunction()

function(okiagari_test name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG
    "NEEDS_PROGRAM;NEEDS_PLANTED_PROGRAM;SERIAL" "TIMEOUT;PREFIX" "SOURCES;ROOMS;LIBS;LABELS")
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()

  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/src" "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE
    okiagari_warnings GTest::gmock GTest::gtest_main rapidcheck)
  okiagari_use_test_headers(${name})
  okiagari_link(${name} SCOPE PRIVATE ROOMS ${ARG_ROOMS} LIBS ${ARG_LIBS})
  target_include_directories(${name} PRIVATE "${OKIAGARI_TEST_PLACES}")
  set(program okiagari)
  if(ARG_NEEDS_PLANTED_PROGRAM)
    set(program okiagari_planted)
    target_compile_definitions(${name} PRIVATE OKIAGARI_WITH_PLANTED_DEFECTS)
  endif()
  if((ARG_NEEDS_PROGRAM OR ARG_NEEDS_PLANTED_PROGRAM) AND TARGET ${program})
    add_dependencies(${name} ${program})
  endif()
  if(NOT ARG_PREFIX)
    get_filename_component(folder "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
    set(ARG_PREFIX "${folder}/")
  endif()
  set(serial)
  if(ARG_SERIAL)
    set(serial SERIAL)
  endif()
  okiagari_register_test(${name} ${serial}
    PREFIX "${ARG_PREFIX}" LABELS ${ARG_LABELS} TIMEOUT ${ARG_TIMEOUT})
endfunction()

function(okiagari_fuzzer name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "CORPUS" "SOURCES;ROOMS;LIBS")
  if(NOT OKIAGARI_FUZZ)
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/src" "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE okiagari_warnings)
  okiagari_link(${name} SCOPE PRIVATE ROOMS ${ARG_ROOMS} LIBS ${ARG_LIBS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  # What a run finds is kept in the build folder; the seeds stay as they are.
  set(found "${CMAKE_BINARY_DIR}/corpus/${name}")
  file(MAKE_DIRECTORY "${found}")
  add_test(NAME fuzz/${name} COMMAND ${name}
    -max_total_time=5 -max_len=8192 -print_final_stats=1 -artifact_prefix=${found}-
    "${found}" ${ARG_CORPUS})
  set_tests_properties(fuzz/${name} PROPERTIES LABELS fuzz TIMEOUT 120)
  add_dependencies(quick_tests ${name})
endfunction()
