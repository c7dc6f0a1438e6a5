# Puts files of config/ into the program as text, again whenever they change: what a new desk
# begins with, wherever the program stands.
if(NOT TARGET okiagari_deployment)
  return()
endif()
set(BUILTIN_FILES "")
foreach(name contacts.toml notices.toml playbook.toml regulators.toml)
  okiagari_text_literals(pieces "${CMAKE_SOURCE_DIR}/config/${name}")
  string(APPEND BUILTIN_FILES "    {\"${name}\", ${pieces}},\n")
endforeach()
configure_file("${CMAKE_SOURCE_DIR}/cmake/builtin_files.cc.in"
  "${CMAKE_BINARY_DIR}/builtin_files.cc" @ONLY)
target_sources(okiagari_deployment PRIVATE "${CMAKE_BINARY_DIR}/builtin_files.cc")
