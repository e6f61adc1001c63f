// surgectl dashboards: Grafana's boards, Prometheus' rules with their tests, and the provisioning of both, for names of one's
// own.
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>

#include "boards/bundle.hpp"
#include "ctl/cmd_dashboards.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"

namespace surged {
namespace {

namespace fs = std::filesystem;

struct DashboardOptions {
    BundleOptions bundle;
    std::string out;
};

/// A reader sees the old file or the new one: Grafana looks into the folder at any time. Returns what went wrong, empty =
/// nothing.
std::string replace_file(const fs::path& path, const std::string& text) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) {
        return error.message();
    }
    const fs::path fresh = path.string() + ".new";
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out) {
        const std::string why = std::strerror(errno);
        fs::remove(fresh, error);
        return why;
    }
    fs::rename(fresh, path, error);
    return error ? error.message() : std::string();
}

void write_dashboards(DashboardOptions options, Context& context) {
    if (const std::string problem = bundle_problem(options.bundle.board); !problem.empty()) {
        return context.fail(ctl_usage, problem);
    }
    std::error_code error;
    if (options.bundle.folder.empty()) {
        options.bundle.folder = fs::absolute(options.out, error).lexically_normal().string();
    }
    if (error) {
        return context.fail(ctl_no, options.out + ": " + error.message());
    }
    for (const BundleFile& file : make_bundle(options.bundle)) {
        const fs::path path = fs::path(options.out) / file.name;
        if (const std::string why = replace_file(path, file.text); !why.empty()) {
            return context.fail(ctl_no, path.string() + ": " + why);
        }
        if (context.json) {
            std::string line;
            JsonWriter(line)
                .begin_object()
                .field("file", path.string())
                .field("bytes", std::uint64_t{file.text.size()})
                .end_object();
            fmt::print("{}\n", line);
        } else {
            fmt::print("{}\n", path.string());
        }
    }
}

}  // namespace

void add_dashboards(CliCommand app, Context& context) {
    const auto options = std::make_shared<DashboardOptions>();
    BoardOptions& board = options->bundle.board;
    CliCommand command =
        app.command("dashboards", "write Grafana's boards and Prometheus' rules, with their tests and provisioning");
    command.option("--out", options->out, "folder to write into; what stands there under these names is replaced")
        .required()
        .type("DIR");
    command
        .option("--boards-path", options->bundle.folder,
                "folder in which Grafana will find the boards, for its provisioning; default: --out")
        .type("DIR");
    command.option("--prefix", board.prefix, "what the names of surged's metrics begin with, where a collector renames them")
        .type("WORD")
        .shows_default();
    command
        .option("--datasource", board.datasource, "uid of the data source that the boards begin with; none is provisioned then")
        .type("UID");
    command.option("--job", board.job, "job of surged in rules and scrape configuration").type("JOB").shows_default();
    command.option("--console", board.console, "surged's console as a browser reaches it, for the boards' links")
        .type("URL")
        .shows_default();
    command.run([options, &context] { write_dashboards(*options, context); });
}

}  // namespace surged
