# cpack --preset deb: one Debian package of what `cmake --install` installs. Library packages are found by dpkg-shlibdeps (dpkg-dev).
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME surged)
set(CPACK_PACKAGE_VENDOR surged)
set(CPACK_PACKAGE_CONTACT "The surged developers <surged@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "real-time traffic-surge alerting for contact centres")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
  "surged watches queue metrics over ZeroMQ, sees a surge in its first seconds and calls\n people onto the phones by a three-tier emergency team until enough have joined.")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Loaded by `surgectl feed poll` when a file asks for such a database.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libpq5, libmariadb3, libodbc2")
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd, passwd, tzdata, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# /lib, /usr and /etc in one package: everything below the root, where `cmake --install` puts it too.
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
# dpkg never overwrites a configuration that was edited.
file(WRITE ${CMAKE_BINARY_DIR}/conffiles "/etc/surged/surged.toml\n/etc/surged/team.toml\n/etc/surged/rules.d/voice.toml\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${CMAKE_CURRENT_LIST_DIR}/deb/postinst
  ${CMAKE_CURRENT_LIST_DIR}/deb/prerm
  ${CMAKE_CURRENT_LIST_DIR}/deb/postrm
  ${CMAKE_BINARY_DIR}/conffiles)
include(CPack)
