# cmake -DINPUT=page.html -DTEMPLATE=x.cpp.in -DOUTPUT=x.cpp -P embed.cmake: a text file as C++ raw string literals, one a line, so that
# none comes near the 64 KiB a compiler must accept and none is cut inside a UTF-8 character.
file(READ ${INPUT} text)
string(REPLACE "\n" "\n)wallboard\",\n    R\"wallboard(" text "${text}")
set(WALLBOARD_LITERALS "    R\"wallboard(${text})wallboard\",\n")
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
