# okiagari_text_literals(<variable> <file>)
#
#   Sets the variable to C++ string literals that are, side by side, the file's text, and configures
#   again whenever the file changes. The longest literal that compilers must take is short, so it is
#   cut into pieces, each at the end of a line: a cut anywhere would part the bytes of one
#   character, which newer compilers refuse.
function(okiagari_text_literals variable path)
  set_property(DIRECTORY "${CMAKE_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
  file(READ "${path}" text)
  string(LENGTH "${text}" left)
  set(at 0)
  set(pieces "")
  while(at LESS left)
    string(SUBSTRING "${text}" ${at} 8000 piece)
    string(FIND "${piece}" "\n" last_newline REVERSE)
    if(last_newline EQUAL -1)
      message(FATAL_ERROR "${path}: a line longer than 8000 bytes")
    endif()
    math(EXPR length "${last_newline} + 1")
    string(SUBSTRING "${piece}" 0 ${length} piece)
    string(APPEND pieces "R\"file(${piece})file\"\n")
    math(EXPR at "${at} + ${length}")
  endwhile()
  set(${variable} "${pieces}" PARENT_SCOPE)
endfunction()
