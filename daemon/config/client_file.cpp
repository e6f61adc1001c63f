#include "config/client_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "config/reader.hpp"
#include "os/file.hpp"

namespace surged {
namespace {

constexpr std::size_t file_bytes_max = std::size_t{64} << 10U;
constexpr std::array<std::pair<std::string_view, Language>, 2> languages{{{"zh", Language::zh}, {"en", Language::en}}};

std::string folder_in(const char* variable) {
    const char* value = std::getenv(variable);  // NOLINT: no other thread sets it
    return value != nullptr && *value == '/' ? value : "";
}

/// "~/x" is below the home folder, another relative path below the folder of the file.
std::string placed(const std::string& path, const std::string& file) {
    const auto home = folder_in("HOME");
    if (path.starts_with("~/") && !home.empty()) {
        return home + path.substr(1);
    }
    return path.empty() || path.front() == '/' ? path : (std::filesystem::path(file).parent_path() / path).string();
}

/// What is wrong with a server: scheme://host[:port] and nothing behind it.
std::string fault_of_server(const std::string& server) {
    const auto scheme = server.find("://");
    const auto kind = server.substr(0, scheme == std::string::npos ? 0 : scheme);
    if (kind != "http" && kind != "https") {
        return "`server` is an address as \"http://127.0.0.1:9847\" or \"https://surged.example:9847\"";
    }
    const auto rest = server.substr(scheme + 3);
    if (rest.empty() || rest.find_first_of("/?#@ \t") != std::string::npos) {
        return "`server` is scheme, host and port, with nothing before or behind them: \"https://surged.example:9847\"";
    }
    return {};
}

/// One server, several in a list, or in one text with commas as --server has them.
void read_servers(TableReader& reader, std::string& out) {
    std::vector<PlacedText> texts;
    const bool given = reader.text_or_texts("server", texts);
    for (const auto& text : texts) {
        std::istringstream parts(text.text);
        for (std::string one; std::getline(parts, one, ',');) {
            one.erase(0, one.find_first_not_of(' '));
            one.erase(one.find_last_not_of(" /") + 1);
            if (auto fault = fault_of_server(one); !fault.empty()) {
                reader.report().error(text.place, std::move(fault));
            }
            out += (out.empty() ? "" : ",") + one;
        }
    }
    if (given && texts.empty()) {
        reader.error("server", "the list of servers is empty");
    }
}

/// One word that fits a header line.
bool token_valid(const std::string& token) {
    constexpr std::size_t token_bytes_max = 4096;
    return !token.empty() && token.size() <= token_bytes_max &&
           std::ranges::all_of(token, [](char c) { return c > ' ' && c < 0x7F; });
}

void judge_token_file(TableReader& reader, const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) {
        reader.error("token_file", "cannot read " + path + ": " + std::strerror(errno));
    } else if (!S_ISREG(found.st_mode)) {
        reader.error("token_file", path + " is not a regular file");
    } else if ((found.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
        reader.error("token_file", "others may read or write " + path + ": chmod 600");
    }
}

void read_keys(const Node& document, mode_t mode, ClientFile& out, Report& report) {
    TableReader reader(document, "surgectl.toml", report);
    read_servers(reader, out.server);
    if (reader.text("token", out.token)) {
        if ((mode & (S_IRWXG | S_IRWXO)) != 0) {
            reader.error("token", "this file holds a token and others may read or write it: chmod 600, or name a file with `token_file`");
        }
        if (!token_valid(out.token)) {
            reader.error("token", "`token` is one word of visible ASCII characters");
        }
    }
    if (reader.text("token_file", out.token_file)) {
        out.token_file = placed(out.token_file, out.path);
        if (reader.has("token")) {
            reader.error("token_file", "either `token` or `token_file`, not both");
        } else {
            judge_token_file(reader, out.token_file);
        }
    }
    if (reader.text("ca_file", out.ca_file)) {
        out.ca_file = placed(out.ca_file, out.path);
    }
    Language language{};
    if (reader.choice("language", language, languages)) {
        out.language = language;
    }
    reader.finish();
}

/// The file is judged by the descriptor it is read by.
ClientFile read_open(const Fd& file, const std::string& path) {
    ClientFile out;
    out.path = path;
    const auto failed = [&](const std::string& why) {
        out.diagnostics.push_back({Severity::error, path, 0, 0, why});
        return out;
    };
    struct stat info {};
    if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
        return failed("not a regular file");
    }
    auto text = read_some(file.get(), file_bytes_max + 1);
    if (!text) {
        return failed(std::string("cannot read: ") + std::strerror(text.error()));
    }
    if (text->size() > file_bytes_max) {
        return failed("larger than 64 KiB");
    }
    const SourceFile source{path, std::move(*text)};
    const auto document = parse_document(source);
    if (!document) {
        out.diagnostics.push_back({Severity::error, path, document.error().line, document.error().col, document.error().message});
        return out;
    }
    Report report;
    read_keys(*document, info.st_mode, out, report);
    out.diagnostics = report.take();
    return out;
}

}  // namespace

std::string client_file_path() {
    if (const auto folder = folder_in("XDG_CONFIG_HOME"); !folder.empty()) {
        return folder + "/surged/surgectl.toml";
    }
    const auto home = folder_in("HOME");
    return home.empty() ? home : home + "/.config/surged/surgectl.toml";
}

ClientFile read_client_file(const std::string& path) {
    if (path.empty()) {
        return {};
    }
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!file) {
        const int error = errno;
        struct stat found {};
        if (::stat(path.c_str(), &found) != 0) {
            return {};  // also in a home that is another user's, as HOME is under sudo and setpriv
        }
        ClientFile out;
        out.path = path;
        out.diagnostics.push_back({Severity::error, path, 0, 0, std::string("cannot read: ") + std::strerror(error)});
        return out;
    }
    ClientFile out = read_open(file, path);
    if (!out.diagnostics.empty()) {
        ClientFile refused;
        refused.path = path;
        refused.diagnostics = std::move(out.diagnostics);
        return refused;
    }
    return out;
}

}  // namespace surged
