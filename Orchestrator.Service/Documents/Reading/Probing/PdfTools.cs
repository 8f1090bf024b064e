using System.Globalization;
using Orchestrator.Service.Documents.Processes;

namespace Orchestrator.Service.Documents.Reading.Probing;

/// <summary>The few things asked of the programs that open PDFs. One start each; every argument that names a file is an absolute path.</summary>
public sealed class PdfTools(ToolRunner runner)
{
    /// <summary>Lists the objects without the content of their streams.</summary>
    internal Task<ToolResult> ListAsync(WorkFolder folder, string pdf, CancellationToken cancellation) => runner.RunAsync(folder, "qpdf",
        ["--json=2", "--json-key=pages", "--json-key=encrypt", "--json-key=qpdf", "--json-stream-data=none", pdf], cancellation);

    /// <summary>Decodes everything once and says whether it is sound: 2 is damaged, 3 repaired.</summary>
    internal Task<ToolResult> CheckAsync(WorkFolder folder, string pdf, CancellationToken cancellation) => runner.RunAsync(folder, "qpdf", ["--check", pdf], cancellation);

    /// <summary>The text of all pages as laid out, each ended by a form feed.</summary>
    internal Task<ToolResult> TextAsync(WorkFolder folder, string pdf, CancellationToken cancellation) => runner.RunAsync(folder, "pdftotext",
        ["-layout", "-enc", "UTF-8", "-q", pdf, "-"], cancellation);

    /// <summary>A small grey picture of the first page.</summary>
    internal Task<ToolResult> PictureAsync(WorkFolder folder, string pdf, CancellationToken cancellation) => runner.RunAsync(folder, "pdftoppm",
        ["-gray", "-r", "12", "-singlefile", "-q", pdf], cancellation);

    /// <summary>The content of a stream, decoded.</summary>
    internal Task<ToolResult> StreamAsync(WorkFolder folder, string pdf, string objectId, CancellationToken cancellation) => runner.RunAsync(folder, "qpdf",
        ["--show-object=" + objectId.Replace(' ', ','), "--filtered-stream-data", pdf], cancellation);

    /// <summary>Copies a range of pages to a new file; the same pages always give the same bytes.</summary>
    internal Task<ToolResult> CutAsync(WorkFolder folder, string pdf, PageRange range, string target, CancellationToken cancellation) => runner.RunAsync(folder, "qpdf",
        ["--deterministic-id", pdf, "--pages", ".", string.Create(CultureInfo.InvariantCulture, $"{range.First}-{range.Last}"), "--", target], cancellation);
}
