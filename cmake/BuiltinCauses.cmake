# Puts config/causes.toml into the room `cause` as text, again whenever it changes.
if(NOT TARGET okiagari_cause)
  return()
endif()
okiagari_text_literals(CAUSES_TOML "${CMAKE_SOURCE_DIR}/config/causes.toml")
set(builtin "${CMAKE_BINARY_DIR}/causes_builtin.cc")
configure_file("${CMAKE_SOURCE_DIR}/cmake/causes_builtin.cc.in" "${builtin}" @ONLY)
target_sources(okiagari_cause PRIVATE "${builtin}")
