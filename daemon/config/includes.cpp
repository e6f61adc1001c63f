#include "config/includes.hpp"

#include <glob.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/base/ranges.hpp"
#include "os/file.hpp"

namespace surged {

namespace {
namespace fs = std::filesystem;

constexpr std::size_t files_max = 256;
constexpr std::size_t depth_max = 16;

Result<std::string> read_text(const std::string& path) {
    // One byte more than parse_document() takes: a device without an end is refused there like any file that is too large.
    auto text = read_file(path, text_bytes_max + 1);
    if (!text) {
        return fail("cannot read: " + std::string(text.error() == EISDIR ? "is a folder" : std::strerror(text.error())));
    }
    return std::move(*text);
}

std::string canonical(const std::string& path) {
    std::error_code failed;
    const auto full = fs::weakly_canonical(path, failed);
    return failed ? path : full.string();
}

/// Matches in byte order, whatever the locale. Time-line tests of rules lie beside the rules and are no configuration.
std::vector<std::string> expand(const std::string& pattern) {
    std::vector<std::string> out;
    glob_t found{};
    if (glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0) {
        for (std::size_t i = 0; i < found.gl_pathc; ++i) {
            const std::string path = found.gl_pathv[i];
            if (!path.ends_with(".test.toml")) {
                out.push_back(path);
            }
        }
    }
    globfree(&found);
    std::ranges::sort(out);
    return out;
}

/// Joins `from` into `into`: lists are appended, tables are united key by key (one level: [defaults], [ingest]), else it is set
/// twice.
void merge(Node& into, Node from, Report& report) {
    for (auto& entry : from.entries) {
        const auto found = std::ranges::find(into.entries, entry.key, &Entry::key);
        if (found == into.entries.end()) {
            into.entries.push_back(std::move(entry));
            continue;
        }
        auto& known = found->value;
        if (known.kind == Node::Kind::array && entry.value.kind == Node::Kind::array) {
            std::move(entry.value.items.begin(), entry.value.items.end(), std::back_inserter(known.items));
        } else if (known.kind == Node::Kind::table && entry.value.kind == Node::Kind::table) {
            for (auto& inner : entry.value.entries) {
                if (const auto* first = known.find(inner.key)) {
                    report.error(inner.place, "`" + entry.key + "." + inner.key + "` is already set at " + first->place.text());
                } else {
                    known.entries.push_back(std::move(inner));
                }
            }
        } else {
            report.error(entry.place, "`" + entry.key + "` is already set at " + found->place.text());
        }
    }
}

class Loader {
public:
    Loader(SourceSet& set, Report& report) : set_(set), report_(report) {}

    /// `at` is where the file was asked for; without a file for the main one.
    void load(const std::string& path, const Place& at) {
        const auto id = canonical(path);
        if (contains(stack_, id)) {
            report_.error(at, "include loop: " + in_quotes(path) + " includes itself" +
                                  (stack_.back() == id ? "" : " by way of " + in_quotes(at.file->name)));
            return;
        }
        if (contains(seen_, id)) {
            return;  // named by a glob and by itself: read once
        }
        if (seen_.size() >= files_max || stack_.size() >= depth_max) {
            report_.error(at, "too many includes (256 files, 16 deep at most)");
            return;
        }
        auto text = read_text(path);
        if (!text) {
            set_.torn = true;
            report_.error(at.file != nullptr ? at : missing(path),
                          at.file != nullptr ? in_quotes(path) + ": " + text.error().message : text.error().message);
            return;
        }
        seen_.push_back(id);
        stack_.push_back(id);
        parse(path, std::move(*text), true);
        stack_.pop_back();
    }

    void parse(const std::string& name, std::string text, bool may_include) {
        auto file = std::make_unique<SourceFile>();
        file->name = name;
        file->text = std::move(text);
        file->order = static_cast<int>(set_.files.size());
        const auto& source = *file;
        set_.files.push_back(std::move(file));
        auto document = parse_document(source);
        if (!document) {
            set_.torn = true;
            report_.error({&source, document.error().line, document.error().col}, document.error().message);
            return;
        }
        if (set_.files.size() == 1) {
            set_.root.place = {&source, 1, 1};
        }
        Node include;
        const auto asked = std::ranges::find(document->entries, "include", &Entry::key);
        const bool any = asked != document->entries.end();
        if (any) {
            include = std::move(asked->value);
            document->entries.erase(asked);
        }
        merge(set_.root, std::move(*document), report_);
        if (any && !may_include) {
            report_.error(include.place, "`include` works in files only");
        } else if (any) {
            follow(include, fs::path(name).parent_path());
        }
    }

private:
    Place missing(const std::string& path) {
        auto file = std::make_unique<SourceFile>();
        file->name = path;
        file->order = static_cast<int>(set_.files.size());
        set_.files.push_back(std::move(file));
        return {set_.files.back().get(), 0, 0};
    }

    void follow(const Node& include, const fs::path& folder) {
        std::vector<const Node*> items;
        if (include.kind == Node::Kind::text) {
            items.push_back(&include);
        } else if (include.kind == Node::Kind::array) {
            for (const auto& item : include.items) {
                items.push_back(&item);
            }
        } else {
            report_.error(include.place, "`include` must be a list of files, e.g. [\"team.toml\", \"rules.d/*.toml\"]");
        }
        for (const auto* item : items) {
            if (item->kind != Node::Kind::text || item->text.empty()) {
                report_.error(item->place, "`include` must hold file names");
                continue;
            }
            const auto pattern = (folder / item->text).string();
            if (item->text.find_first_of("*?[") == std::string::npos) {
                load(pattern, item->place);
                continue;
            }
            const auto paths = expand(pattern);
            if (paths.empty()) {
                report_.warning(item->place, in_quotes(item->text) + " matches no file");
            }
            for (const auto& path : paths) {
                load(path, item->place);
            }
        }
    }

    SourceSet& set_;
    Report& report_;
    std::vector<std::string> stack_;
    std::vector<std::string> seen_;
};
}  // namespace

void load_sources(const std::string& path, SourceSet& set, Report& report) {
    Loader(set, report).load(path, {});
}

void load_text(const std::string& name, const std::string& text, SourceSet& set, Report& report) {
    Loader(set, report).parse(name, text, false);
}

}  // namespace surged
