// What robots of group chats share: one message names all people of the tier, and rings only those whom it asks to come.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "channels/channel_type.hpp"
#include "wire/json_text.hpp"

namespace surged {

inline constexpr std::size_t robot_mentions_max = 100;

enum class Mention : std::uint8_t { people, all, none };
/// The people whom this message mentions: as `mention` says, and nobody when it asks nobody to come.
Mention mention_of(const PageInput& in);

/// `text` with every `what` replaced.
std::string replaced(std::string text, std::string_view what, std::string_view with);
/// A member of this name: the people's `field`, where it is not empty, at most robot_mentions_max; with `all`, "@all" too.
void write_list(JsonWriter& json, std::string_view name, const SendOrder& order, std::string Recipient::*field, bool all);
/// An order of the people whom this message rings; of nobody when it rings nobody or everybody.
SendOrder rung(const PageInput& in);
/// The readers of a message that mentions nobody, or everybody: one line of names; empty when the text itself says all of them.
std::string named(const PageInput& in);
/// The lines that are there, one under the other.
std::string under(const std::string& line, const std::string& names);
/// Without the mobiles of people who have an account in the chat: each is rung once.
SendOrder with_one_handle(SendOrder order);

}  // namespace surged
