# How our own code is compiled. Third-party headers are system headers to the compiler.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(OKIAGARI_NATIVE "Compile for exactly this machine's processor" OFF)
option(OKIAGARI_FUZZ "Build the fuzzers, too (clang only)" OFF)
set(OKIAGARI_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize=")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

# NDEBUG is defined nowhere: assertions are part of the product.
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g -D_GLIBCXX_ASSERTIONS")
# For the tests' own files, which are run once. With so little inlining GCC 12 takes what
# std::string's operator+ moves for out of bounds, and a replaced operator new for another one.
set(OKIAGARI_TEST_OPTIONS -O1)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND OKIAGARI_TEST_OPTIONS
    -Wno-array-bounds -Wno-mismatched-new-delete -Wno-stringop-overflow)
endif()

find_program(OKIAGARI_CCACHE ccache)
mark_as_advanced(OKIAGARI_CCACHE)
if(OKIAGARI_CCACHE)
  # The compiler says itself which files it read; and see "precompiled headers" in ccache's manual.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
    CCACHE_DEPEND=true CCACHE_SLOPPINESS=pch_defines,time_macros
    "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" "${OKIAGARI_CCACHE}")
endif()

add_compile_options(-fdiagnostics-color=always -fno-omit-frame-pointer)
# Two checkouts give the same objects, and so share the cache.
add_compile_options("-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.")
add_link_options(-Wl,--as-needed)
if(OKIAGARI_NATIVE)
  add_compile_options(-march=native)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    # GCC 12's own AVX-512 headers set off -Wmaybe-uninitialized, and we gain nothing by them.
    add_compile_options(-mno-avx512f)
  endif()
endif()
if(OKIAGARI_SANITIZE)
  add_compile_options(-fsanitize=${OKIAGARI_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${OKIAGARI_SANITIZE})
  # Functions and lines are what their reports say; more takes long to write and to link.
  add_compile_options(-g1)
endif()
if(OKIAGARI_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "OKIAGARI_FUZZ needs clang: use the preset `asan`")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

add_library(okiagari_warnings INTERFACE)
target_compile_options(okiagari_warnings INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Werror
  # std::string's operator+ sets this one off in GCC 12 (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  # Part of clang's -Wconversion, not of GCC's.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>)
if(OKIAGARI_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Sanitizers hide from GCC that a value was set.
  target_compile_options(okiagari_warnings INTERFACE -Wno-maybe-uninitialized)
endif()
