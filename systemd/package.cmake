# cpack --preset deb: one Debian package of what `cmake --install` installs. Library packages are found by dpkg-shlibdeps (dpkg-dev).
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME surged)
set(CPACK_PACKAGE_VENDOR surged)
set(SURGED_MAINTAINER "surged developers <surged@example.org>" CACHE STRING "who answers for the package: Name <mail>")
set(CPACK_PACKAGE_CONTACT "${SURGED_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "real-time traffic-surge alerting for contact centres")
set(CPACK_PACKAGE_DESCRIPTION
  "surged watches queue metrics over ZeroMQ, sees a surge in its first seconds and
calls people onto the phones by a three-tier emergency team (team leads,
supervisors, management) until enough of them have joined or it is over.
.
The package has the daemon, surgectl (status, answers, checks, replay, reports,
live feeders for Asterisk and FreeSWITCH), rule packs, Grafana dashboards and
Prometheus rules.")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Loaded by `surgectl feed poll` when a file asks for such a database.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libpq5, libmariadb3, libodbc2")
set(CPACK_DEBIAN_PACKAGE_DEPENDS "passwd, tzdata, ca-certificates")
# Without it (a container) postinst makes user and folders by itself, and README.Debian says how surged is started.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "systemd")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# /lib, /usr and /etc in one package: everything below the root, where `cmake --install` puts it too.
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
# dpkg never overwrites a configuration that was edited.
file(WRITE ${CMAKE_BINARY_DIR}/conffiles "/etc/surged/surged.toml\n/etc/surged/team.toml\n/etc/surged/rules.d/voice.toml\n/etc/surged/rules.d/staffing.toml\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${CMAKE_CURRENT_LIST_DIR}/deb/postinst
  ${CMAKE_CURRENT_LIST_DIR}/deb/prerm
  ${CMAKE_CURRENT_LIST_DIR}/deb/postrm
  ${CMAKE_BINARY_DIR}/conffiles)
# The changelog that Debian wants has its date from SOURCE_DATE_EPOCH, else from the last commit: the same source makes the same package.
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  execute_process(COMMAND git -C ${CMAKE_SOURCE_DIR} log -1 --format=%ct OUTPUT_VARIABLE commit_time OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(commit_time)
    set(ENV{SOURCE_DATE_EPOCH} ${commit_time})
  endif()
endif()
string(TIMESTAMP changed "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${CMAKE_BINARY_DIR}/deb/changelog "surged (${PROJECT_VERSION}) unstable; urgency=medium

  * What is new is told in CHANGELOG.md beside this file.

 -- ${SURGED_MAINTAINER}  ${changed}
")
configure_file(${CMAKE_CURRENT_LIST_DIR}/deb/lintian-overrides ${CMAKE_BINARY_DIR}/deb/surged COPYONLY)
set(CPACK_SURGED_BINARY_DIR ${CMAKE_BINARY_DIR})
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/deb/finish.cmake)
include(CPack)
