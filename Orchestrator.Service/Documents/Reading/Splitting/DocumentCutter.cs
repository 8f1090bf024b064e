using Orchestrator.Service.Documents.Processes;
using Orchestrator.Service.Documents.Reading.Probing;

namespace Orchestrator.Service.Documents.Reading;

/// <summary>Cuts a range of pages out of a PDF. The same pages always give the same bytes, so that a repeated cut makes no second child.</summary>
public sealed class DocumentCutter(PdfTools tools)
{
    /// <summary>Writes the pages to a new file; null when it is written, else why not.</summary>
    /// <param name="file">The PDF; it is not changed.</param>
    /// <param name="range">The pages.</param>
    /// <param name="target">The absolute path of the new file.</param>
    /// <param name="cancellation">Ends the cut at once; the target may then be half written.</param>
    public async Task<ReadFailure?> CutAsync(DocumentFile file, PageRange range, string target, CancellationToken cancellation)
    {
        using var folder = WorkFolder.Create();
        var result = await tools.CutAsync(folder, file.Path, range, target, cancellation);
        return result switch
        {
            { End: ToolEnd.NotInstalled } => ReadFailure.ToolMissing,
            { HitLimit: true } => ReadFailure.ResourceLimit,
            { End: ToolEnd.Exited, ExitCode: 0 or 3 } => null,
            _ => ReadFailure.CorruptPdf,
        };
    }
}
