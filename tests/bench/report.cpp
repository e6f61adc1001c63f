#include "report.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "app/version.hpp"
#include "wire/json_text.hpp"

namespace surged::bench {
namespace {

std::size_t columns_of(const std::string& text) {  // code points, which is what a terminal shows
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void print_cells(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
    std::string out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::size_t width = i < widths.size() ? widths[i] : 0;
        const std::string pad(width > columns_of(cells[i]) ? width - columns_of(cells[i]) : 0, ' ');
        out += i == 0 ? "  " + cells[i] + pad : "  " + pad + cells[i];
    }
    std::printf("%s\n", out.c_str());
    std::fflush(stdout);
}

/// "AMD EPYC, 2 processors, 16 GB": what figures depend on; no name of a host.
std::string machine_text() {
    std::string model = "processor not told";
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
        const auto colon = line.find(": ");
        if (line.starts_with("model name") && colon != std::string::npos) {
            model = line.substr(colon + 2);
            break;
        }
    }
    const double bytes = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
    return model + ", " + std::to_string(std::thread::hardware_concurrency()) + " processors, " + fixed(bytes / (1U << 30U), 0) + " GB";
}

}  // namespace

void Report::table(const std::string& title, std::vector<std::string> columns) {
    constexpr std::size_t name_width = 40;
    constexpr std::size_t cell_width = 13;
    widths_.clear();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        widths_.push_back(std::max(columns_of(columns[i]), i == 0 ? name_width : cell_width));
    }
    std::printf("\n%s\n", title.c_str());
    print_cells(columns, widths_);
}

void Report::row(const std::vector<std::string>& cells) {
    print_cells(cells, widths_);
}

void Report::line(const std::string& text) {
    std::printf("  %s\n", text.c_str());
    std::fflush(stdout);
}

double Report::load() {
    double load[1] = {0};
    ::getloadavg(load, 1);
    return load[0];
}

bool Report::write(const std::string& path, const Circumstances& run) const {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("kind", "surged_bench").field("version", version);
    json.field("machine", machine_text()).field("cpus", std::thread::hardware_concurrency());
    json.field("quick", run.quick).field("load_before", run.load_before).field("load_after", load()).field("note", run.note);
    json.key("numbers").begin_object();
    for (const auto& number : numbers_) {
        json.field(number.first, number.second);
    }
    json.end_object().end_object();
    std::ofstream file(path, std::ios::trunc);
    file << out << "\n";
    return static_cast<bool>(file.flush());
}

std::string fixed(double value, int digits) {
    char text[64];
    std::snprintf(text, sizeof(text), "%.*f", digits, value);
    return text;
}

std::string duration_text(double seconds) {
    return seconds < 0.9995 ? fixed(seconds * 1e3, seconds < 0.1 ? 3 : 1) + " ms" : fixed(seconds, 2) + " s";
}

std::string ratio_text(double value, double floor) {
    return floor > 0 ? fixed(value / floor, 2) + "x" : "-";
}

}  // namespace surged::bench
