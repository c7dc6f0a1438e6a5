# Puts the API's description into the room `web` as text, again whenever it changes.
if(NOT TARGET okiagari_web)
  return()
endif()
okiagari_text_literals(OPENAPI_JSON "${CMAKE_SOURCE_DIR}/src/web/openapi.json")
configure_file("${CMAKE_SOURCE_DIR}/cmake/builtin_openapi.cc.in"
  "${CMAKE_BINARY_DIR}/builtin_openapi.cc" @ONLY)
target_sources(okiagari_web PRIVATE "${CMAKE_BINARY_DIR}/builtin_openapi.cc")
