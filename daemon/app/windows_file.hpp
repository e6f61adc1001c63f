// The windows as they were last saved, for another host. It reads the file beside the store and asks nobody: whoever saves it puts a new
// file in the place of the old one, so what is read is whole.
#pragma once

#include <string>

#include "io/http/api.hpp"

namespace surged {

/// Bytes that one answer may have; about 30,000 queues of the voice pack.
inline constexpr std::size_t windows_bytes_max = std::size_t{192} << 20U;

/// Errors as ApiBackend::windows() has them.
ApiResult<WindowsFile> read_windows_file(const std::string& path);

}  // namespace surged
