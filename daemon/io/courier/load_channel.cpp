#include "io/courier/load_channel.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "io/courier/secret_file.hpp"

namespace surged {
namespace {

constexpr std::size_t url_bytes_max = 8192;
constexpr std::size_t hidden_max = 64;  // parts of one URL; all of it is hidden whole in any case

bool starts_with_scheme(std::string_view url) {
    return url.starts_with("http://") || url.starts_with("https://");
}

/// A part of a URL that looks like a key: robots put theirs into the path.
bool key_like(std::string_view part) {
    const bool odd = std::ranges::any_of(part, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
    return part.size() >= 20 || (part.size() >= 8 && odd);
}

/// Calls `each` for the pieces of `text` between any of `marks`.
template <typename Each>
void each_piece(std::string_view text, std::string_view marks, Each each) {
    for (std::size_t at = 0; at <= text.size();) {
        const auto end = std::min(text.find_first_of(marks, at), text.size());
        each(text.substr(at, end - at));
        at = end + 1;
    }
}

/// The parts of a URL that may be secret by themselves, since a provider repeats what it likes: path with query, keys in the
/// path, every value of the query, user and password.
void hide_url(LoadedChannel& channel) {
    const std::string& url = channel.url.reveal();
    channel.hidden.push_back(channel.url);
    const auto hide = [&](std::string_view part, std::size_t least) {
        if (part.size() >= least && channel.hidden.size() < hidden_max) {
            channel.hidden.emplace_back(std::string(part));
        }
    };
    const auto host = url.find("://") + 3;
    const auto path = std::min(url.find_first_of("/?#", host), url.size());
    const auto query = std::min(url.find('?', path), url.size());
    hide(std::string_view(url).substr(path), 8);
    each_piece(std::string_view(url).substr(path, query - path), "/", [&](std::string_view part) {
        if (key_like(part)) {
            hide(part, 8);
        }
    });
    if (query < url.size()) {
        const auto asked = std::string_view(url).substr(query + 1);
        hide(asked, 8);
        each_piece(asked, "&;#", [&](std::string_view part) { hide(part.substr(std::min(part.find('=') + 1, part.size())), 6); });
    }
    const auto at = url.substr(0, path).rfind('@');
    if (at != std::string::npos && at > host) {
        const auto user = std::string_view(url).substr(host, at - host);
        hide(user, 4);
        each_piece(user, ":", [&](std::string_view part) { hide(part, 4); });
    }
}

/// As it stands inside JSON of a writer that escapes slashes.
std::string slashes_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += c == '/' ? "\\/" : std::string(1, c);
    }
    return out;
}

/// Every form in which a provider may repeat what is hidden, the longest first: a short part must not star out the middle of a
/// longer one and leave its rest to be read.
void hide_forms(std::vector<Secret>& hidden) {
    std::set<std::string> forms;
    for (const auto& secret : hidden) {
        for (const auto& text : {secret.reveal(), percent_decoded(secret.reveal())}) {
            for (const auto& form : {text, percent_encoded(text), percent_encoded(text, HexCase::lower), slashes_escaped(text)}) {
                forms.insert(form);
            }
        }
    }
    std::vector<std::string> ordered(forms.begin(), forms.end());
    std::ranges::stable_sort(ordered, [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
    hidden.clear();
    for (auto& form : ordered) {
        hidden.emplace_back(std::move(form));
    }
}

/// The key that names the file with the channel's own secret; nullptr when the type has none.
const ChannelKey* secret_key(const ChannelType& type) {
    const auto at = std::ranges::find_if(type.keys, [](const ChannelKey& key) {
        return key.form == KeyForm::secret_line || key.form == KeyForm::secret_bytes;
    });
    return at == type.keys.end() ? nullptr : &*at;
}

void load_key(LoadedChannel& channel, const LoadContext& context) {
    const auto* key = secret_key(*channel.type);
    const auto file = key == nullptr ? std::string() : setting(channel.spec, key->name);
    if (file.empty()) {
        if (key != nullptr && key->needed) {
            channel.problem = std::string(key->name) + " is not set";
        }
        channel.notice = channel.type->keyless;
        return;
    }
    auto secret = read_secret(file, context.base_dir, context.credentials_dir);
    if (!secret) {
        channel.problem = secret.error().message;
        return;
    }
    channel.key = std::move(*secret);
    channel.hidden.push_back(channel.key);
    if (key->form == KeyForm::secret_line && channel.key.reveal().find_first_of("\r\n") != std::string::npos) {
        channel.problem = "the file of " + std::string(key->name) + " has more than one line";
    }
}

/// A URL of the host alone gets the path of the type.
void complete_path(LoadedChannel& channel) {
    const auto& url = channel.url.reveal();
    const auto path = url.find_first_of("/?#", url.find("://") + 3);
    if (!channel.type->path.empty() && (path == std::string::npos || path + 1 == url.size())) {
        channel.url = Secret(url.substr(0, path) + std::string(channel.type->path));
    }
}

void load_url(LoadedChannel& channel, const LoadContext& context) {
    if (const auto file = setting(channel.spec, "url_file"); !file.empty()) {
        auto url = read_secret(file, context.base_dir, context.credentials_dir);
        if (!url) {
            channel.problem = url.error().message;
            return;
        }
        channel.url = std::move(*url);
    } else {
        channel.url = Secret(setting(channel.spec, "url"));
    }
    if (channel.url.empty()) {
        channel.problem = "neither url nor url_file is set";
        return;
    }
    const std::string& url = channel.url.reveal();
    if (!starts_with_scheme(url) || url.size() > url_bytes_max ||
        url.find_first_of(std::string_view(" \t\r\n\0", 5)) != std::string::npos) {
        channel.problem = "the url is not an http:// or https:// address";
        return;
    }
    hide_url(channel);
    complete_path(channel);
}

/// A name without a slash is looked up in the fixed search path, a relative one starts in the configuration's folder.
std::string resolve_program(const std::string& program, const std::string& base_dir) {
    if (program.empty() || program.front() == '/') {
        return program;
    }
    if (program.find('/') != std::string::npos) {
        return base_dir.empty() ? program : base_dir + "/" + program;
    }
    std::string_view rest = command_search_path;
    while (!rest.empty()) {
        const auto end = std::min(rest.find(':'), rest.size());
        const std::string candidate = std::string(rest.substr(0, end)) + "/" + program;
        if (::access(candidate.c_str(), X_OK) == 0) {
            return candidate;
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return program;
}

void load_command(LoadedChannel& channel, const LoadContext& context) {
    channel.command = channel.spec.command;
    if (channel.command.empty() || channel.command.front().empty()) {
        channel.problem = "command is not set";
        return;
    }
    channel.command.front() = resolve_program(channel.command.front(), context.base_dir);
    const std::string& program = channel.command.front();
    if (program.find('/') == std::string::npos) {
        channel.problem = "command " + program + " is not in " + std::string(command_search_path);
    } else if (::access(program.c_str(), X_OK) != 0) {
        channel.notice = "command " + program + ": " + std::strerror(errno);  // may be installed later
    }
}

void load_ca_file(LoadedChannel& channel, const LoadContext& context) {
    const auto ca = channel.spec.settings.find("ca_file");
    if (ca == channel.spec.settings.end() || ca->second.empty()) {
        return;
    }
    if (ca->second.front() != '/' && !context.base_dir.empty()) {
        ca->second = context.base_dir + "/" + ca->second;
    }
    if (::access(ca->second.c_str(), R_OK) != 0) {
        channel.problem = "cannot read ca_file " + ca->second + ": " + std::strerror(errno);
    }
}

/// What the type finds in its settings, as the configuration's check does.
void check_settings(LoadedChannel& channel) {
    std::vector<ChannelFinding> findings;
    if (channel.type->check != nullptr) {
        channel.type->check(channel.spec, findings);
    }
    for (const auto& finding : findings) {
        if (finding.weight != ChannelFinding::Weight::warning && channel.problem.empty()) {
            channel.problem = finding.message;
        }
    }
}

}  // namespace

std::string LoadedChannel::scrub(std::string text) const {
    for (const auto& secret : hidden) {
        text = secret.scrub(std::move(text));
    }
    return text;
}

LoadedChannel load_channel(const ChannelSpec& spec, const LoadContext& context) {
    LoadedChannel out;
    out.spec = spec;
    out.type = channel_type(spec.type);
    if (out.type == nullptr) {
        std::vector<std::string> names;
        for (const auto* type : channel_types()) {
            names.emplace_back(type->name);
        }
        const auto near = nearest_name(spec.type, names);
        out.problem = "unknown channel type \"" + spec.type + "\"" + (near ? ", did you mean \"" + *near + "\"?" : "");
        return out;
    }
    out.installation = context.installation;
    const bool has_url = out.type->find_key("url") != nullptr || out.type->find_key("url_file") != nullptr;
    using Step = void (*)(LoadedChannel&, const LoadContext&);
    const std::array<std::pair<bool, Step>, 5> steps{{{true, load_ca_file},
                                                      {true, [](LoadedChannel& c, const LoadContext&) { check_settings(c); }},
                                                      {has_url, load_url},
                                                      {true, load_key},
                                                      {out.type->command, load_command}}};
    for (const auto& [wanted, step] : steps) {
        if (wanted && out.problem.empty()) {
            step(out, context);
        }
    }
    hide_forms(out.hidden);
    return out;
}

}  // namespace surged
