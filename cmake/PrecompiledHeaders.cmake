# Headers of other people that most files include, compiled once: they are the greater part of what
# a build does. The release build compiles the product without them, so that there a header of ours
# that leans on what others included is found; see also tests/house/CMakeLists.txt.
option(OKIAGARI_PRECOMPILE "Precompile the product's headers, too, not only the tests'" OFF)

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
endfunction()

if(OKIAGARI_PRECOMPILE)
  okiagari_precompiled_headers(okiagari_headers)
endif()
if(NOT OKIAGARI_FUZZ)
  okiagari_precompiled_headers(okiagari_test_headers GTest::gmock GTest::gtest)
  target_precompile_headers(okiagari_test_headers PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
  target_compile_options(okiagari_test_headers PRIVATE ${OKIAGARI_TEST_OPTIONS})
endif()

# Of the product's own.
function(okiagari_use_headers target)
  if(OKIAGARI_PRECOMPILE)
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
