using Orchestrator.Service.Documents.Acquisition;
using Orchestrator.Service.Documents.Acquisition.Mail;
using Orchestrator.Service.Documents.Matching;
using Orchestrator.Service.Documents.Processes;
using Orchestrator.Service.Documents.Reading;
using Orchestrator.Service.Documents.Templates;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Documents;

/// <summary>Where documents are kept, and how much of them is read.</summary>
public sealed class DocumentsOptions : IChecked
{
    /// <summary>Bucket for originals, children and outputs. Without it this node does no document work: its document lanes are switched off.</summary>
    public string? Bucket { get; set; }

    /// <summary>Address of an emulator or a VPC endpoint for S3; the bus's ServiceUrl if absent, and AWS's own if that is absent too.</summary>
    public Uri? ServiceUrl { get; set; }

    /// <summary>The queue that AWS writes to, and what of it is taken for work.</summary>
    public AcquisitionOptions Acquisition { get; set; } = new();

    /// <summary>Bounds on mails.</summary>
    public MailLimits Mail { get; set; } = new();

    /// <summary>Bounds on files.</summary>
    public ReadingOptions Reading { get; set; } = new();

    /// <summary>Bounds on the tools that open files.</summary>
    public ToolLimits Tools { get; set; } = new();

    /// <summary>Suppliers' templates.</summary>
    public TemplateOptions Templates { get; set; } = new();

    /// <summary>How long an extraction takes at least, to rehearse with slow ones; nothing by default.</summary>
    public LatencyOptions Latency { get; set; } = new();

    /// <summary>How invoices are compared with orders.</summary>
    public MatchingOptions Matching { get; set; } = new();

    internal bool IsEnabled => !string.IsNullOrWhiteSpace(Bucket);

    public IEnumerable<Broken> Check() =>
        new (bool Holds, string Key, string Rule, object? Found)[]
        {
            (Bucket is null or { Length: >= 3 and <= 63 }, nameof(Bucket), "must be a bucket's name of 3 to 63 characters, or absent for a node without document work", Bucket),
            (ServiceUrl is null || ServiceUrl.IsAbsoluteUri && (ServiceUrl.Scheme == Uri.UriSchemeHttp || ServiceUrl.Scheme == Uri.UriSchemeHttps),
                nameof(ServiceUrl), "must be an http or https address, or absent", ServiceUrl),
            (Acquisition.Queue is { Length: > 0 and <= 40 } queue && queue.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'),
                "Acquisition:Queue", "must be 1 to 40 letters, digits, - or _", Acquisition.Queue),
            (Acquisition.Queue is not "jobs", "Acquisition:Queue", "must be called otherwise: the queue of that name takes commands", Acquisition.Queue),
            (Acquisition.Prefetch is >= 1 and <= 100, "Acquisition:Prefetch", "must be 1 to 100", Acquisition.Prefetch),
            (Acquisition.Visibility >= TimeSpan.FromSeconds(2) && Acquisition.Visibility <= TimeSpan.FromHours(12), "Acquisition:Visibility", "must be 2 s to 12 h", Acquisition.Visibility),
            (Acquisition.MaxReceiveCount is >= 3 and <= 1000, "Acquisition:MaxReceiveCount", "must be 3 to 1,000: a hand-back at a stop spends one receive", Acquisition.MaxReceiveCount),
            (Acquisition.OutputPrefix is [.., '/'], "Acquisition:OutputPrefix", "must end with /, or outputs come back as input", Acquisition.OutputPrefix),
            (Acquisition.BlobPrefix is [.., '/'] && Acquisition.BlobPrefix != Acquisition.OutputPrefix,
                "Acquisition:BlobPrefix", "must end with / and differ from the output prefix", Acquisition.BlobPrefix),
            (Acquisition.MaxMessageBytes is >= 1024 and <= 1024 * 1024, "Acquisition:MaxMessageBytes", "must be 1 KiB to 1 MiB", Acquisition.MaxMessageBytes),
            (Acquisition.MaxMessageDepth is >= 8 and <= 64, "Acquisition:MaxMessageDepth", "must be 8 to 64", Acquisition.MaxMessageDepth),
            (Acquisition.MaxRecords is >= 1 and <= 100, "Acquisition:MaxRecords", "must be 1 to 100", Acquisition.MaxRecords),
            (Acquisition.DefaultTenant is { Length: >= 1 and <= 63 } tenant && tenant.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-'),
                "Acquisition:DefaultTenant", "must be 1 to 63 lower-case letters, digits and hyphens", Acquisition.DefaultTenant),
            (Mail.MaxDepth is >= 1 and <= 16, "Mail:MaxDepth", "must be 1 to 16", Mail.MaxDepth),
            (Mail.MaxParts is >= 1 and <= 500, "Mail:MaxParts", "must be 1 to 500", Mail.MaxParts),
            (Mail.MaxBytes is >= 1000 and <= 40 * 1024 * 1024, "Mail:MaxBytes", "must be 1 KB to 40 MiB", Mail.MaxBytes),
            (Reading.MaxBytes is >= 1024, "Reading:MaxBytes", "must be at least 1 KiB", Reading.MaxBytes),
            (Reading.MaxPages is >= 1, "Reading:MaxPages", "must be at least 1", Reading.MaxPages),
            (Reading.MaxInvoicePages is >= 1, "Reading:MaxInvoicePages", "must be at least 1", Reading.MaxInvoicePages),
            (Reading.MaxInvoices is >= 1, "Reading:MaxInvoices", "must be at least 1", Reading.MaxInvoices),
            (Reading.MaxXmlDepth is >= 1, "Reading:MaxXmlDepth", "must be at least 1", Reading.MaxXmlDepth),
            (Reading.MaxXmlElements is >= 1, "Reading:MaxXmlElements", "must be at least 1", Reading.MaxXmlElements),
            (Reading.MaxXmlCharacters is >= 1, "Reading:MaxXmlCharacters", "must be at least 1", Reading.MaxXmlCharacters), // 0 would mean no bound
            (Tools.MemoryBytes >= 64L << 20, "Tools:MemoryBytes", "must be at least 64 MiB", Tools.MemoryBytes),
            (Tools.Cpu >= TimeSpan.FromSeconds(1) && Tools.Cpu <= TimeSpan.FromHours(12), "Tools:Cpu", "must be 1 s to 12 h", Tools.Cpu),
            (Tools.Wall >= TimeSpan.FromSeconds(1) && Tools.Wall <= TimeSpan.FromHours(12), "Tools:Wall", "must be 1 s to 12 h", Tools.Wall),
            (Latency.Min >= TimeSpan.Zero && Latency.Max >= Latency.Min, "Latency:Max", "must be at least Latency:Min, and neither below 0", Latency.Max),
            (Matching.NameScore is >= 80 and <= 100, "Matching:NameScore", "must be 80 to 100", Matching.NameScore),
            (Matching.TolerancePercent is >= 0 and <= 10, "Matching:TolerancePercent", "must be 0 to 10", Matching.TolerancePercent),
            (Matching.ToleranceAmount is >= 0 and <= 1000, "Matching:ToleranceAmount", "must be 0 to 1,000", Matching.ToleranceAmount),
            (Matching.FirstRetry > TimeSpan.Zero && Matching.FirstRetry <= TimeSpan.FromHours(1), "Matching:FirstRetry", "must be more than 0 and at most 1 h", Matching.FirstRetry),
            (Matching.RetryGrowth is >= 1.1 and <= 10, "Matching:RetryGrowth", "must be 1.1 to 10: each retry waits longer than the one before", Matching.RetryGrowth),
            (Matching.LongestRetry >= Matching.FirstRetry && Matching.LongestRetry <= TimeSpan.FromDays(7), "Matching:LongestRetry", "must be at least FirstRetry and at most 7 days", Matching.LongestRetry),
            (Matching.MaxAttempts is >= 1 and <= 100, "Matching:MaxAttempts", "must be 1 to 100", Matching.MaxAttempts),
        }.Where(rule => !rule.Holds).Select(rule => new Broken(rule.Key, rule.Rule, rule.Found));
}
