# Headers of other people that most files include, compiled once. Tests are compiled with them by
# every compiler. The product's own files are by clang alone: GCC 12 takes as long to load them as
# to read those that a file needs. Headers of ours are compiled without them in
# tests/house/CMakeLists.txt.
set(OKIAGARI_FOREIGN_HEADERS
  <algorithm> <array> <chrono> <deque> <filesystem> <fstream> <functional> <map> <memory> <optional>
  <set> <span> <string> <string_view> <unordered_map> <utility> <variant> <vector>
  <absl/container/btree_map.h> <absl/container/flat_hash_map.h>
  <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp> <boost/asio/steady_timer.hpp>
  <boost/json.hpp> <fmt/format.h>)

# What belongs to them, for all that is compiled with them: the same definitions.
add_library(okiagari_foreign INTERFACE)
target_link_libraries(okiagari_foreign INTERFACE
  absl::btree absl::flat_hash_map absl::int128 absl::strings Boost::headers Boost::json fmt::fmt)

# A library of nothing but them, for targets that are compiled with the same options.
function(okiagari_precompiled_headers name)
  set(source "${CMAKE_BINARY_DIR}/${name}.cc")
  file(CONFIGURE OUTPUT "${source}" CONTENT "// Other people's headers, precompiled.\n")
  add_library(${name} OBJECT EXCLUDE_FROM_ALL "${source}")
  target_link_libraries(${name} PRIVATE okiagari_foreign okiagari_warnings ${ARGN})
  target_precompile_headers(${name} PRIVATE ${OKIAGARI_FOREIGN_HEADERS})
  # The cache goes by what is in a file, not by when it was made.
  target_compile_options(${name} PRIVATE
    $<$<CXX_COMPILER_ID:Clang>:-Xclang> $<$<CXX_COMPILER_ID:Clang>:-fno-pch-timestamp>)
endfunction()

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  okiagari_precompiled_headers(okiagari_headers)
  # The kernel's header for TCP, which it needs, does not go with the one that Boost.Asio includes.
  set_source_files_properties("${CMAKE_SOURCE_DIR}/src/net/tcp_progress.cc"
    PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endif()
okiagari_precompiled_headers(okiagari_test_headers GTest::gmock GTest::gtest)
target_precompile_headers(okiagari_test_headers PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
target_compile_options(okiagari_test_headers PRIVATE ${OKIAGARI_TEST_OPTIONS})

# Of the product's own.
function(okiagari_use_headers target)
  if(TARGET okiagari_headers)
    target_link_libraries(${target} PRIVATE okiagari_foreign)
    target_precompile_headers(${target} REUSE_FROM okiagari_headers)
  endif()
endfunction()

# Of tests: of their own files, not of what they test.
function(okiagari_use_test_headers target)
  target_compile_options(${target} PRIVATE ${OKIAGARI_TEST_OPTIONS})
  target_link_libraries(${target} PRIVATE okiagari_foreign)
  target_precompile_headers(${target} REUSE_FROM okiagari_test_headers)
endfunction()
