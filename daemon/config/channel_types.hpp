// What each channel type takes and what it is by nature: its keys, its limits, how it reaches a person. One row a type; the
// courier knows what to do with it. Knows no values. Hardest rule is O4: whatever a provider treats as a secret has a `_file` key
// here and no other. Private to the room.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/team/spec.hpp"

namespace surged {

/// How a key's text is checked.
enum class KeyForm : std::uint8_t { text, url, span, choice, mail, server };

struct ChannelKey {
    std::string_view name;
    bool needed = false;
    KeyForm form = KeyForm::text;
    std::span<const std::string_view> words{};  ///< choice
};

/// What a channel needs of a person that it reaches, when the person has no `address` on it.
enum class ReachBy : std::uint8_t { anything, mobile, email };

struct ChannelTypeRow {
    std::string_view name;
    std::span<const ChannelKey> keys{};          ///< of its own, all strings
    std::span<const std::string_view> one_of{};  ///< of these keys, exactly one
    bool command = false;                        ///< takes a `command`
    ChannelKind kind = ChannelKind::personal;    ///< unless configured
    RateLimit rate{};                            ///< unless configured; below `most`, which leaves room for repeats
    RateLimit most{};                            ///< what the provider allows; count 0 = it does not say
    std::size_t text_limit = 0;                  ///< code points, unless configured
    Span repost{0};                              ///< ChannelSpec::repost, unless configured; 0 = no such key
    ReachBy reach = ReachBy::anything;
    bool coalesce = false;  ///< ChannelSpec::coalesce, unless configured: people read it, no program
    bool pulls = false;  ///< its provider can be asked for receipts and for messages of people
};

const std::vector<ChannelTypeRow>& channel_types();
/// nullptr when there is none.
const ChannelTypeRow* channel_type(std::string_view name);

}  // namespace surged
