# find_package(interlock): the target interlock::interlock, for programs that link the recorder.
# One linker argument keeps the library in executables that refer to nothing of it; the imported library gives CMake the
# folder for its run path.
get_filename_component(interlock_libdir "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)

if(NOT TARGET interlock::interlock)
  add_library(interlock::recorder SHARED IMPORTED)
  set_target_properties(interlock::recorder PROPERTIES
    IMPORTED_LOCATION "${interlock_libdir}/libinterlock.so"
    IMPORTED_SONAME "libinterlock.so.0")

  add_library(interlock::interlock INTERFACE IMPORTED)
  set_target_properties(interlock::interlock PROPERTIES
    INTERFACE_LINK_LIBRARIES
      "-Wl,--push-state,--no-as-needed,${interlock_libdir}/libinterlock.so,--pop-state;interlock::recorder")
endif()
