# cmake -DFOLDER=dashboards "-DFILES=a.yml;b.yml" -DOUTPUT=x.cpp -P embed_texts.cmake: text files as one table of C++ raw strings. Each
# must stay below the 64 KiB that a compiler must accept.
set(rows "")
foreach(name ${FILES})
  file(READ ${FOLDER}/${name} text)
  string(LENGTH "${text}" length)
  if(length GREATER 60000)
    message(FATAL_ERROR "${name} is longer than a string literal may be")
  endif()
  string(APPEND rows "    EmbeddedText{\"${name}\", R\"embedded(${text})embedded\"},\n")
endforeach()
file(WRITE ${OUTPUT}.new "// Made of dashboards/ by embed_texts.cmake.
#include <array>

#include \"boards/bundle.hpp\"

namespace surged {

std::span<const EmbeddedText> embedded_texts() {
    static constexpr auto texts = std::to_array<EmbeddedText>({
${rows}    });
    return texts;
}

}  // namespace surged
")
file(RENAME ${OUTPUT}.new ${OUTPUT})
