# find_package(Enlarger) gives the targets Enlarger::enlarger (shared) and Enlarger::enlarger_static.
# Relocatable: everything is found from where this file is.

# REALPATH, because /lib may be a link to /usr/lib.
get_filename_component(_enlarger_prefix "${CMAKE_CURRENT_LIST_DIR}" REALPATH)
get_filename_component(_enlarger_prefix "${_enlarger_prefix}/../../.." ABSOLUTE)

if(NOT TARGET Enlarger::enlarger)
  add_library(Enlarger::enlarger SHARED IMPORTED)
  set_target_properties(Enlarger::enlarger PROPERTIES
    IMPORTED_LOCATION "${_enlarger_prefix}/@SHARED@"
    INTERFACE_INCLUDE_DIRECTORIES "${_enlarger_prefix}/include")
  if("@SHARED@" MATCHES "\\.dll$")
    set_target_properties(Enlarger::enlarger PROPERTIES IMPORTED_IMPLIB "${_enlarger_prefix}/@IMPORT@")
  endif()

  add_library(Enlarger::enlarger_static STATIC IMPORTED)
  set_target_properties(Enlarger::enlarger_static PROPERTIES
    IMPORTED_LOCATION "${_enlarger_prefix}/lib/libenlarger.a"
    INTERFACE_COMPILE_DEFINITIONS ENL_STATIC
    INTERFACE_INCLUDE_DIRECTORIES "${_enlarger_prefix}/include"
    INTERFACE_LINK_LIBRARIES "@SYSTEM_LIBRARIES@")
endif()

unset(_enlarger_prefix)
