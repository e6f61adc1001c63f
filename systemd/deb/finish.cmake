# What Debian wants of a package's files beside what `cmake --install` makes: manual pages and the changelog compressed, without the time
# of the build in them. Run by CPack in the folder that becomes the package.
set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
set(doc ${root}/usr/share/doc/surged)
file(COPY ${CPACK_SURGED_BINARY_DIR}/deb/changelog DESTINATION ${doc})
file(COPY ${CPACK_SURGED_BINARY_DIR}/deb/surged DESTINATION ${root}/usr/share/lintian/overrides)
file(GLOB_RECURSE pages ${root}/usr/share/man/*.[1-8])
execute_process(COMMAND gzip -9nf ${pages} ${doc}/changelog COMMAND_ERROR_IS_FATAL ANY)
