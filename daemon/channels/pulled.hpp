// What a provider that does not call brings when it is asked: receipts of messages it took, and messages of people to us. It
// knows what an answer holds; it refuses to know when to ask (io/courier/pull_plan) and meaning (the desk).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/record/order.hpp"

namespace surged {

/// A message from a person.
struct IncomingText {
    std::string channel{};
    std::string number{};    ///< the sender's, as the provider writes it
    std::string text{};      ///< at most incoming_bytes_max
    std::string identity{};  ///< the same for the same message given twice; printable, at most 64 bytes
};
inline constexpr std::size_t incoming_bytes_max = 512;

/// What one question to a provider brought.
struct Pulled {
    std::string channel{};
    std::string problem{};  ///< empty = it was answered; else for people, without secrets
    std::vector<DeliveryReceipt> receipts{};
    std::vector<IncomingText> texts{};
    std::size_t ignored = 0;  ///< entries that could not be read, or were too many
};

enum class PullKind : std::uint8_t { receipts, texts };
inline constexpr std::size_t pull_bytes_max = std::size_t{1} << 20;
inline constexpr std::size_t pull_entries_max = 5000;

}  // namespace surged
