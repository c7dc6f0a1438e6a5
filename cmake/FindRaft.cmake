# libraft, as scripts/build_libraft.sh leaves it: target raft::raft.
set(OKIAGARI_DEPS "${CMAKE_SOURCE_DIR}/.deps" CACHE PATH "Where the bootstrap put what it built")

find_path(Raft_INCLUDE_DIR raft.h PATHS "${OKIAGARI_DEPS}/libraft/include" NO_DEFAULT_PATH)
find_library(Raft_LIBRARY libraft.a PATHS "${OKIAGARI_DEPS}/libraft/lib" NO_DEFAULT_PATH)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Raft
  REQUIRED_VARS Raft_LIBRARY Raft_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "run scripts/bootstrap.sh first")

if(Raft_FOUND AND NOT TARGET raft::raft)
  add_library(raft::raft STATIC IMPORTED)
  set_target_properties(raft::raft PROPERTIES
    IMPORTED_LOCATION "${Raft_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Raft_INCLUDE_DIR}")
endif()
mark_as_advanced(Raft_INCLUDE_DIR Raft_LIBRARY)
