# cmake -DPAGE=page.html -DSTYLE=console.css -DSCRIPT=console.js -DTEMPLATE=x.cpp.in -DOUTPUT=x.cpp -P embed.cmake: the page with its style
# and script in it, as C++ raw string literals, one a line, so that none comes near the 64 KiB a compiler must accept and none is cut inside
# a UTF-8 character.
file(READ ${PAGE} text)
file(READ ${STYLE} style)
file(READ ${SCRIPT} script)
string(REPLACE "__STYLE__" "\n${style}" text "${text}")
string(REPLACE "__SCRIPT__" "\n${script}" text "${text}")
string(REPLACE "\n" "\n)console\",\n    R\"console(" text "${text}")
set(CONSOLE_LITERALS "    R\"console(${text})console\",\n")
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
