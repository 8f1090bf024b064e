using System.Diagnostics;
using System.Globalization;
using Orchestrator.Samples;
using Orchestrator.Samples.Bills;
using Orchestrator.Service.Documents.Diagnostics;

namespace Orchestrator.Tests.Documents.Samples;

[Trait("Requirement", "DOC-3")]
public class SampleSetTests
{
    [Fact]
    public async Task Writing_the_samples_again_gives_the_committed_bytes_and_no_other_files()
    {
        var written = await SampleSet.CreateAsync();
        var committed = Directory.EnumerateFiles(Sample.Folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Sample.Folder, path)).Where(path => path != "README.md");
        Assert.Equal(committed.Order(StringComparer.Ordinal), written.Select(file => file.Path).Order(StringComparer.Ordinal));
        Assert.All(written, file => Assert.True(file.Content.AsSpan().SequenceEqual(Sample.Bytes(file.Path)),
            $"samples/{file.Path} is not what the generator writes: run `dotnet run --project Orchestrator.Samples -- samples`."));
    }

    [Fact]
    public void All_samples_together_stay_small() =>
        Assert.InRange(new DirectoryInfo(Sample.Folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length), 100_000, 1_500_000);

    [Fact]
    public void Twenty_two_invoices_lie_behind_one_another_in_the_merged_file()
    {
        var documents = System.Text.Json.JsonDocument.Parse(Sample.Text("22-invoices.map.json")).RootElement.GetProperty("documents").EnumerateArray().ToList();
        Assert.Equal(22, documents.Count);
        var next = 1;
        foreach (var document in documents)
        {
            Assert.Equal(next, document.GetProperty("first_page").GetInt32());
            next = document.GetProperty("last_page").GetInt32() + 1;
        }
        Assert.Equal(next - 1, PageCount("22-invoices.pdf"));
    }

    [Fact]
    public void Each_invoice_prints_what_the_truth_says()
    {
        var text = PrintedText("22-invoices.pdf");
        foreach (var (bill, i) in Invoices.All.Select((bill, i) => (bill, i)))
        {
            var pages = PrintedText($"invoices/{bill.File}.pdf");
            Assert.Contains(bill.Number, pages, StringComparison.Ordinal);
            Assert.Contains(bill.Market.Money(bill.Gross), pages, StringComparison.Ordinal);
            Assert.True(text.Contains(bill.Number, StringComparison.Ordinal), $"Invoice {i + 1} is not in the merged file.");
        }
    }

    [Fact]
    public void The_sums_of_each_row_of_the_truth_close()
    {
        var rows = Sample.Table(Path.Combine(Sample.Folder, "truth.tsv"), '\t');
        Assert.Equal(27, rows.Count);
        Assert.All(rows, row => Assert.Equal(Amount(row["gross"]), Amount(row["net"]) + Amount(row["tax"])));
        Assert.All(rows.Where(row => row["pages"].Length > 0), row => Assert.Equal(int.Parse(row["pages"], CultureInfo.InvariantCulture), PageCount(row["file"])));

        static decimal Amount(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void The_fictional_accounts_have_right_check_digits_and_lengths()
    {
        var lengths = new Dictionary<string, int> { ["DE"] = 22, ["GB"] = 22, ["IE"] = 22, ["FR"] = 27, ["NL"] = 18, ["ES"] = 24, ["IT"] = 27, ["SE"] = 24, ["CH"] = 21 };
        var ibans = Invoices.All.Select(bill => bill.Supplier).Distinct().Where(supplier => supplier.Iban is not null).ToList();
        Assert.True(ibans.Count > 15);
        Assert.All(ibans, supplier => Assert.True(IbanChecksum.Holds(supplier.Iban!), supplier.Iban));
        Assert.All(ibans, supplier => Assert.True(lengths[supplier.Country] == supplier.Iban!.Length, $"{supplier.Name}: {supplier.Iban} has {supplier.Iban.Length} letters."));
    }

    private static string PrintedText(string path) => Run("pdftotext", "-layout", Path.Combine(Sample.Folder, path), "-");

    private static int PageCount(string path) => int.Parse(Run("qpdf", "--show-npages", Path.Combine(Sample.Folder, path)), CultureInfo.InvariantCulture);

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
