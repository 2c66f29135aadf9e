# What `cmake --install` puts where. The texts are written by fpmbox itself, from the tables of its parser.
include(GNUInstallDirs)

set(texts ${CMAKE_BINARY_DIR}/texts)
function(written_by_fpmbox kind file)
  add_custom_command(OUTPUT ${texts}/${file}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${texts}
    COMMAND fpmbox generate ${kind} > ${texts}/${file}.new
    COMMAND ${CMAKE_COMMAND} -E rename ${texts}/${file}.new ${texts}/${file}
    DEPENDS fpmbox VERBATIM)
  set_property(GLOBAL APPEND PROPERTY written_texts ${texts}/${file})
endfunction()
written_by_fpmbox(man8 fpmbox.8)
written_by_fpmbox(man5 fpmbox-pool.5)
written_by_fpmbox(bash fpmbox.bash)
written_by_fpmbox(zsh _fpmbox)
written_by_fpmbox(fish fpmbox.fish)
written_by_fpmbox(schema pool.schema.json)
get_property(written GLOBAL PROPERTY written_texts)
add_custom_target(texts ALL DEPENDS ${written})

# systemd and Debian look below /usr and /usr/local in these very places.
set(unit_folder lib/systemd/system)
set(FPMBOX_ZSH_FOLDER share/zsh/site-functions CACHE STRING "Where zsh looks for completions")
# Written when it is installed: `cmake --install --prefix` may name another prefix than the build knew.
install(CODE "set(FPMBOX_SBIN \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_SBINDIR}\")
configure_file(\"${CMAKE_CURRENT_LIST_DIR}/fpmbox@.service.in\" \"${texts}/fpmbox@.service\" @ONLY)")

install(TARGETS fpmbox DESTINATION ${CMAKE_INSTALL_SBINDIR})
if(FPMBOX_IMAGES)
  install(TARGETS fpmbox-image DESTINATION ${CMAKE_INSTALL_SBINDIR})
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/images/recipes/ DESTINATION ${CMAKE_INSTALL_DATADIR}/fpmbox/recipes)
endif()
install(DIRECTORY ${CMAKE_SOURCE_DIR}/profiles/catalog/ DESTINATION ${CMAKE_INSTALL_DATADIR}/fpmbox/catalog)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/profiles/acts/ DESTINATION ${CMAKE_INSTALL_DATADIR}/fpmbox/acts)
install(FILES ${texts}/pool.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/fpmbox)
install(FILES ${texts}/fpmbox.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES ${texts}/fpmbox-pool.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES ${texts}/fpmbox.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME fpmbox)
install(FILES ${texts}/_fpmbox DESTINATION ${FPMBOX_ZSH_FOLDER})
install(FILES ${texts}/fpmbox.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES ${texts}/fpmbox@.service DESTINATION ${unit_folder})
install(FILES ${CMAKE_CURRENT_LIST_DIR}/sysusers.conf DESTINATION lib/sysusers.d RENAME fpmbox.conf)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/tmpfiles.conf DESTINATION lib/tmpfiles.d RENAME fpmbox.conf)
install(FILES ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/SECURITY.md ${CMAKE_SOURCE_DIR}/ARCHITECTURE.md
  DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${CMAKE_CURRENT_LIST_DIR}/example.yaml DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
