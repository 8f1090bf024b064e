using System.Globalization;
using Orchestrator.Local.Nodes;

namespace Orchestrator.Local.Replay;

/// <summary>What the service says of the file's documents and of the jobs that read them.</summary>
internal static class StoredDocuments
{
    /// <summary>The job of the file itself, and its children in the file's order; a file that was not split is its own only child.</summary>
    public static async Task<(JobEnd? Parent, IReadOnlyList<ChildEnd> Children)> ReadAsync(ServiceProcess node, CancellationToken ct)
    {
        var jobs = (await node.GetAsync<JobsAnswer>($"/jobs?lane={ReplayPhase.HeavyLane}&limit=500", ct)).Jobs;
        var documents = (await node.GetAsync<DocumentsAnswer>("/documents?limit=500", ct)).Documents;
        var file = documents.SingleOrDefault(document => document.ParentId is null);
        if (file is null)
            return (null, []);
        var children = documents.Where(document => document.ParentId == file.Id).OrderBy(document => document.Ordinal).ToList();
        return (JobOf(file), [.. (children.Count == 0 ? [file] : children).Select(document => new ChildEnd(
            JobOf(document),
            document.Status,
            document.Reason,
            document.Pages,
            new MinimumFields(document.Number, document.IssueDate?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), document.Currency, MinimumFields.Amount(document.Gross))))]);

        JobEnd? JobOf(DocumentAnswer document) =>
            jobs.FirstOrDefault(job => job.Payload.GetRawText().Contains(document.Id.ToString(), StringComparison.OrdinalIgnoreCase))?.End;
    }
}
