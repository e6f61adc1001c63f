// How far the store of this host has come, in a file of its own beside the database (`<store>.id`). A database that is behind its mark
// was restored from a copy: sequences and ids begin again there, and what left under them must not be taken for what leaves now.
//
// Hardest rule: the mark is a help and no truth: where it cannot be written it costs nothing but the help. Missing or garbled beside a database
// that says it had one (`meta`, 'marked'), it tells of a copy that was restored elsewhere: names begin anew there, too. Private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace surged {

struct StoreMark {
    std::string installation;
    std::int64_t term = 0;
    std::uint64_t head = 0;
};

/// nullopt when there is none that can be read.
std::optional<StoreMark> read_store_mark(const std::string& store_path);
/// Replaces it; a failure is nobody's concern.
void write_store_mark(const std::string& store_path, const StoreMark& mark);
/// 16 random hexadecimal digits.
std::string new_installation();

}  // namespace surged
