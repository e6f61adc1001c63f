// The Markdown of this repository, as far as its pages use it: headings, paragraphs, lists, tables, blocks of code, `code`, **bold**,
// [links](there). While building only.
//
// A line that is a comment directs what becomes of it in the manual:
//   <!-- page: surged-rules 5 2026-11-29 File formats -->   first line of a page
//   <!-- include: rules/README.md -->                       that file from its first heading of the second kind on
//   <!-- include: rules/README.md # Playbook -->            one section of it, without its heading
//   <!-- table: rules/README.md `[rule.flap]` -->           the table whose head begins with this
//   <!-- not in the manual -->, <!-- end -->                what stands between is for readers of the repository
#pragma once

#include <functional>
#include <string>

#include "core/base/result.hpp"
#include "manual/page.hpp"

namespace surged {

/// Reads a page; `file` gives the text of a file of the repository. The error names what is wrong with the page.
Result<ManPage> read_markdown(const std::string& text, const std::function<Result<std::string>(const std::string& path)>& file);

/// `code` bold, **bold** bold, [text](address) as text (address); names of other manuals' sources as the manuals' names.
FacedText read_inline(std::string_view text);

}  // namespace surged
