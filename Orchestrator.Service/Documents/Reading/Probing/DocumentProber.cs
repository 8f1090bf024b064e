using Orchestrator.Service.Documents.Processes;
using Orchestrator.Service.Documents.Reading.Probing;
using Orchestrator.Service.Documents.Reading.Xml;

namespace Orchestrator.Service.Documents.Reading;

/// <summary>Finds out what a file is and whether it can be read, cheapest question first. Never throws for what is in the file.</summary>
public sealed class DocumentProber(PdfTools tools, ReadingOptions options)
{
    /// <summary>Probes a file; three process starts for a PDF, none for anything else.</summary>
    public async Task<DocumentProbe> ProbeAsync(DocumentFile file, CancellationToken cancellation)
    {
        var info = new FileInfo(file.Path);
        if (!info.Exists)
        {
            return Rejected(DocumentKind.Unknown, ReadFailure.NotFound);
        }

        if (info.Length == 0)
        {
            return Rejected(DocumentKind.Unknown, ReadFailure.Empty);
        }

        if (info.Length > options.MaxBytes)
        {
            return Rejected(DocumentKind.Unknown, ReadFailure.TooLarge);
        }

        try
        {
            return await KindAsync(file.Path, cancellation) switch
            {
                DocumentKind.Pdf => await ProbePdfAsync(file.Path, cancellation),
                DocumentKind.Xml => await ProbeXmlAsync(file.Path, cancellation),
                _ when file.Name.EndsWith(".pdf", StringComparison.OrdinalIgnoreCase) => Rejected(DocumentKind.Unknown, ReadFailure.NotAPdf),
                _ => Rejected(DocumentKind.Unknown, ReadFailure.UnsupportedType),
            };
        }
        catch (UnauthorizedAccessException)
        {
            return Rejected(DocumentKind.Unknown, ReadFailure.NotFound);
        }
    }

    private static DocumentProbe Rejected(DocumentKind kind, ReadFailure failure) => new() { Kind = kind, Failure = failure };

    private static async Task<DocumentKind> KindAsync(string path, CancellationToken cancellation)
    {
        var start = new byte[Magic.Length];
        await using var stream = File.OpenRead(path);
        var length = await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellation);
        return Magic.Of(start.AsSpan(0, length));
    }

    private async Task<DocumentProbe> ProbeXmlAsync(string path, CancellationToken cancellation)
    {
        await using var stream = File.OpenRead(path);
        var read = await BoundedXml.ReadAsync(stream, options, cancellation);
        return new DocumentProbe { Kind = DocumentKind.Xml, Failure = read.Failure, Root = read.Root };
    }

    private async Task<DocumentProbe> ProbePdfAsync(string path, CancellationToken cancellation)
    {
        using var folder = WorkFolder.Create();
        var listed = await tools.ListAsync(folder, path, cancellation);
        if (Judge(listed) is { } unlistable)
        {
            return Rejected(DocumentKind.Pdf, unlistable);
        }

        // The pages are counted before anything decodes them.
        if (PdfStructure.Read(listed.Output) is not { } structure)
        {
            return Rejected(DocumentKind.Pdf, ReadFailure.CorruptPdf);
        }

        if (structure.Pages.Count > options.MaxPages)
        {
            return Rejected(DocumentKind.Pdf, ReadFailure.TooManyPages);
        }

        var check = await tools.CheckAsync(folder, path, cancellation);
        if (Judge(check) is { } damaged)
        {
            return Rejected(DocumentKind.Pdf, damaged);
        }

        var text = await tools.TextAsync(folder, path, cancellation);
        if (Judge(text) is { } unreadable)
        {
            return Rejected(DocumentKind.Pdf, unreadable);
        }

        var pages = PagesOf(text.OutputText, structure.Pages.Count);
        return new DocumentProbe
        {
            Kind = DocumentKind.Pdf,
            PageTexts = pages,
            Fonts = structure.Pages,
            Attachments = structure.Attachments,
            HasJavaScript = structure.HasJavaScript,
            Restricted = structure.Encrypted,
            Repaired = check.ExitCode == 3,
            Text = await TextLayerAsync(folder, path, pages, cancellation),
        };
    }

    /// <summary>Why a tool's answer ends the reading, or null. Warnings (3 of qpdf) do not.</summary>
    private static ReadFailure? Judge(ToolResult result) => result switch
    {
        { End: ToolEnd.NotInstalled } => ReadFailure.ToolMissing,
        { HitLimit: true } => ReadFailure.ResourceLimit,
        { End: ToolEnd.Exited, ExitCode: 0 or 3 } => null,
        _ when result.ErrorText.Contains("invalid password", StringComparison.OrdinalIgnoreCase)
            || result.ErrorText.Contains("incorrect password", StringComparison.OrdinalIgnoreCase) => ReadFailure.PasswordRequired,
        _ => ReadFailure.CorruptPdf,
    };

    /// <summary>One text for each page, also where the tool gave up before the last one.</summary>
    private static List<string> PagesOf(string text, int count)
    {
        var pages = text.Split('\f').Take(count).ToList();
        pages.AddRange(Enumerable.Repeat("", count - pages.Count));
        return pages;
    }

    private async Task<TextLayer> TextLayerAsync(WorkFolder folder, string path, List<string> pages, CancellationToken cancellation)
    {
        var characters = pages.Sum(page => page.Count(char.IsLetterOrDigit));
        if (characters >= options.MinTextCharacters)
        {
            return TextLayer.Present;
        }

        if (characters > 0)
        {
            return TextLayer.TooLittle;
        }

        var picture = await tools.PictureAsync(folder, path, cancellation);
        return picture.Succeeded && !GreyPicture.HasMarks(picture.Output) ? TextLayer.TooLittle : TextLayer.Pictures;
    }
}
