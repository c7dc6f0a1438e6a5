# Puts the rule sets of config/rules/ into the command line as text, again whenever they change: the
# program knows no rules of a market but these files.
if(NOT TARGET okiagari_cli)
  return()
endif()
file(GLOB rule_files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/config/rules/*.toml")
list(SORT rule_files)
set(BUILTIN_AUCTION_RULES "")
foreach(path ${rule_files})
  get_filename_component(name "${path}" NAME_WE)
  okiagari_text_literals(pieces "${path}")
  string(APPEND BUILTIN_AUCTION_RULES "    {\"${name}\", ${pieces}},\n")
endforeach()
configure_file("${CMAKE_SOURCE_DIR}/cmake/builtin_auction_rules.cc.in"
  "${CMAKE_BINARY_DIR}/builtin_auction_rules.cc" @ONLY)
target_sources(okiagari_cli PRIVATE "${CMAKE_BINARY_DIR}/builtin_auction_rules.cc")
