using Orchestrator.Samples.Pdf;

namespace Orchestrator.Samples.Layouts;

/// <summary>Where the pen is: a page and a height, and what happens when the page is full.</summary>
internal sealed class Sheet
{
    private readonly PdfDocument pdf;
    private readonly double top;
    private readonly double bottom;
    private readonly double width;
    private readonly double height;

    public Sheet(PdfDocument pdf, double top, double bottom, double width = 595, double height = 842)
    {
        (this.pdf, this.top, this.bottom, this.width, this.height) = (pdf, top, bottom, width, height);
        Page = pdf.AddPage(width, height);
        Y = top;
    }

    public PdfPage Page { get; private set; }
    public double Y { get; set; }

    public int PageNumber => pdf.Pages.Count;

    public bool HasRoom(double needed) => Y + needed <= bottom;

    public void NextPage()
    {
        Page = pdf.AddPage(width, height);
        Y = top;
    }

    public void Need(double needed)
    {
        if (!HasRoom(needed)) NextPage();
    }

    public void Down(double by) => Y += by;
}

/// <summary>A column of a table: its title and the edge that its text is set against.</summary>
internal readonly record struct Column(string Title, double Edge, bool Right = false);

internal sealed record Row(string[] Cells, decimal Amount = 0);

internal sealed class Table(IReadOnlyList<Column> columns, PdfFont font, PdfFont bold, double size)
{
    public double Left { get; init; } = 57;
    public double Right { get; init; } = 538;
    public double Step { get; init; } = 14;
    public bool Shaded { get; init; }
    public bool RuledRows { get; init; }
    /// <summary>What stands at the foot of a full page and at the head of the next one: (foot, head), each with the sum so far.</summary>
    public Func<decimal, int, (string Foot, string Head, string Sum)>? Running { get; init; }

    public void Draw(Sheet sheet, IEnumerable<Row> rows)
    {
        Head(sheet);
        var sum = 0m;
        foreach (var row in rows)
        {
            if (!sheet.HasRoom(Step * 2)) Turn(sheet, sum);
            Cells(sheet, row.Cells, font);
            if (RuledRows) sheet.Page.Line(Left, sheet.Y - Step + 4.5, Right, sheet.Y - Step + 4.5, 0.25);
            sum += row.Amount;
        }
        sheet.Page.Line(Left, sheet.Y - Step + 5, Right, sheet.Y - Step + 5);
    }

    private void Turn(Sheet sheet, decimal sum)
    {
        var running = Running?.Invoke(sum, sheet.PageNumber);
        if (running is var (foot, _, total))
        {
            sheet.Page.Text(columns[1].Edge, sheet.Y, foot, bold, size);
            sheet.Page.TextRight(columns[^1].Edge, sheet.Y, total, bold, size);
        }
        sheet.NextPage();
        Head(sheet);
        if (running is var (_, head, brought))
        {
            sheet.Page.Text(columns[1].Edge, sheet.Y, head, bold, size);
            sheet.Page.TextRight(columns[^1].Edge, sheet.Y, brought, bold, size);
            sheet.Down(Step);
        }
    }

    private void Head(Sheet sheet)
    {
        if (Shaded) sheet.Page.Fill(Left, sheet.Y - 10, Right - Left, 15, Colour.Shade);
        Cells(sheet, [.. columns.Select(column => column.Title)], bold);
        sheet.Page.Line(Left, sheet.Y - Step + 5, Right, sheet.Y - Step + 5);
        sheet.Down(3);
    }

    private void Cells(Sheet sheet, string[] cells, PdfFont with)
    {
        foreach (var (cell, column) in cells.Zip(columns))
            if (column.Right) sheet.Page.TextRight(column.Edge, sheet.Y, cell, with, size);
            else sheet.Page.Text(column.Edge, sheet.Y, cell, with, size);
        sheet.Down(Step);
    }
}
