// Text files of strangers, whole. What is in them becomes UTF-8 by core/base/foreign_text.
#pragma once

#include <string>

#include "core/base/foreign_text.hpp"
#include "core/base/result.hpp"

namespace surged {

/// The whole file (`-`: standard input) as it lies there. Error: cannot be read, or larger than `bytes_max`.
Result<std::string> read_text_file(const std::string& path, std::size_t bytes_max);

}  // namespace surged
