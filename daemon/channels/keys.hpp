// Keys that several channel types take, and their spelling in one place.
#pragma once

#include <array>

#include "channels/channel_type.hpp"

namespace surged {

inline constexpr ChannelKey url_key{.name = "url", .form = KeyForm::url, .meaning = "where requests go"};
inline constexpr ChannelKey url_file_key{
    .name = "url_file", .form = KeyForm::secret_url, .meaning = "the same in a file, for a URL that carries a secret"};
inline constexpr std::array<std::string_view, 2> url_or_file{"url", "url_file"};
/// The URL is the secret.
inline constexpr ChannelKey whole_url_file_key{
    .name = "url_file", .form = KeyForm::secret_url, .needed = true, .meaning = "the robot's whole URL"};
inline constexpr ChannelKey signing_key{
    .name = "secret_file", .form = KeyForm::secret_line, .meaning = "the robot's key, where it asks for signatures"};
inline constexpr ChannelKey token_file_key{.name = "token_file", .form = KeyForm::secret_line, .meaning = "the access token"};
inline constexpr ChannelKey ca_file_key{
    .name = "ca_file", .form = KeyForm::file, .meaning = "PEM file of who is trusted instead of the system's list"};
inline constexpr ChannelKey proxy_key{.name = "proxy", .form = KeyForm::url, .meaning = "the HTTP proxy"};
inline constexpr ChannelKey keep_warm_key{.name = "keep_warm",
                                          .form = KeyForm::span,
                                          .fallback = "50s",
                                          .meaning = "an https:// connection without a page for so long is used once; 0s = never",
                                          .least = "0s",
                                          .most = "110s"};
inline constexpr ChannelKey keyword_key{.name = "keyword", .meaning = "appended where the text has it not"};
inline constexpr std::array<std::string_view, 3> mention_words{"people", "all", "none"};
inline constexpr ChannelKey mention_key{.name = "mention",
                                        .form = KeyForm::choice,
                                        .fallback = "people",
                                        .meaning = "whom a message that asks people to come rings",
                                        .words = mention_words};
inline constexpr ChannelKey site_key{.name = "site", .fallback = "surged", .meaning = "tells several surged apart"};

}  // namespace surged
