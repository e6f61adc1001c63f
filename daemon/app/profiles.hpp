// Offers the file of profiles that `surgectl learn` writes to the engine. Knows the file and nothing of what is in it.
#pragma once

#include <string>

#include "app/log.hpp"
#include "core/base/result.hpp"
#include "core/engine/engine.hpp"

namespace surged {

/// Empty when there is no such file. Error: it cannot be read, is torn, or is of another version.
Result<ProfileShelf> load_profiles(const std::string& path);
/// At start, after recovery and before the first sample. A file that cannot be read is told and changes nothing.
void offer_profiles_at_start(Engine& engine, const std::string& path, const Log& log);

}  // namespace surged
