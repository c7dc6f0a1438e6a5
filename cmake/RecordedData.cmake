# Recordings of foreign venues that some tests ask for: captures, order flow, worked examples. They
# are not part of this repository; tests that find none say so and are skipped.
set(OKIAGARI_SHARED_DATA "" CACHE PATH "Folder with captures/, orderflow/ and auctions/")
if(NOT OKIAGARI_SHARED_DATA AND EXISTS "${CMAKE_SOURCE_DIR}/../shared/data")
  set(OKIAGARI_SHARED_DATA "${CMAKE_SOURCE_DIR}/../shared/data")
endif()
