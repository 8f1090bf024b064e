using System.Text;
using Orchestrator.Service.Documents.Matching;

namespace Orchestrator.Tests.Documents.Matching;

[Trait("Requirement", "SEC-4")]
public class PurchaseOrderCsvTests
{
    private const string Header = "po_number,supplier,currency,ordered_net,received_net\n";

    [Fact]
    public void Orders_are_read_with_any_separator_case_and_order_of_columns()
    {
        var order = Assert.Single(Read("\uFEFFSupplier;ORDERED_NET;po_number;currency;extra\n\"Kessler; Söhne\";1234.50; 4500 ;eur;x\n"));
        Assert.Equal(("4500", "Kessler; Söhne", "EUR", 1234.50m, null), (order.Number, order.SupplierName, order.Currency, order.OrderedNet, order.ReceivedNet));
    }

    [Fact]
    public void One_wrong_row_refuses_the_file_and_all_errors_are_told_with_line_column_and_remedy()
    {
        var errors = Errors(Header + "1,A,EUR,10.00,\n2,B,EURO,\"1.234,50\",\n,C,EUR,-1,x\n1,A GmbH,EUR,5,5\n");
        Assert.Equal([(3, "currency"), (3, "ordered_net"), (4, "po_number"), (4, "ordered_net"), (4, "received_net"), (5, "po_number")], errors.Select(error => (error.Line, error.Column)));
        Assert.Equal("'1.234,50' is no amount; write it with a decimal point and no grouping, as in 1234.50.", errors[1].Why);
        Assert.Equal("The order '1' of A GmbH stands in line 2 already.", errors[5].Why);
    }

    [Theory]
    [InlineData("", "The file is empty")]
    [InlineData("po_number,supplier,currency\n1,A,EUR\n", "The column is missing")]
    [InlineData(Header + "1,A,EUR,10\n", "The line has 4 fields and the header 5")]
    [InlineData(Header + "1,\"A,EUR,10,10\n2,B,EUR,5,5\n", "can't be read as CSV")]
    [InlineData(Header + "1,A \"quoted\" B,EUR,10,10\n", "can't be read as CSV")]
    public void A_file_that_is_no_list_of_orders_says_why(string file, string why) => Assert.Contains(why, Errors(file)[0].Why, StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_not_UTF_8_is_refused_before_it_garbles_a_name()
    {
        var refused = Assert.IsType<PurchaseOrderFile.Refused>(PurchaseOrderCsv.Parse(new MemoryStream(Encoding.Latin1.GetBytes(Header + "1,Müller,EUR,10,10\n"))));
        Assert.Equal((2, "supplier"), Assert.Single(refused.Errors) is var error ? (error.Line, error.Column) : default);
    }

    [Theory]
    [InlineData("po_number", 100)]
    [InlineData("supplier", 400)]
    [InlineData("supplier_vat", 100)]
    [InlineData("buyer", 400)]
    public void What_the_database_cannot_store_is_refused_with_its_column(string column, int longest)
    {
        const string Header = "po_number,supplier,currency,ordered_net,supplier_vat,buyer\n";

        Assert.Single(Read(Header + Row(new('x', longest))));
        Assert.Contains($"at most {longest}", Assert.Single(Errors(Header + Row(new('x', longest + 1)))).Why, StringComparison.Ordinal);
        var nul = Assert.Single(Errors(Header + Row("a\0b")));
        Assert.Equal(column, nul.Column);
        Assert.Contains("NUL", nul.Why, StringComparison.Ordinal);

        string Row(string value) => string.Join(',', Header.TrimEnd().Split(',').Select(name => name == column ? value : name switch { "currency" => "EUR", "ordered_net" => "1", _ => "a" })) + "\n";
    }

    [Fact]
    public void A_file_of_only_a_header_holds_no_orders() => Assert.Empty(Read(Header));

    [Fact]
    public void Errors_and_fields_are_bounded()
    {
        Assert.InRange(Errors(Header + string.Concat(Enumerable.Repeat("1,A,X,x,x\n", 1000))).Count, 50, 60);
        Assert.Contains("can't be read", Errors(Header + "1,\"" + new string('x', 200_000) + "\",EUR,1,1\n")[0].Why, StringComparison.Ordinal);
    }

    [Fact]
    public void No_damage_to_a_file_makes_the_reader_throw()
    {
        var random = new Random(7);
        var file = Encoding.UTF8.GetBytes(Header + "1,Kessler,EUR,10.00,10.00\n2,\"B, C\",CHF,7.5,\n");
        for (var i = 0; i < 500; i++)
        {
            var damaged = (byte[])file.Clone();
            for (var hit = random.Next(1, 8); hit > 0; hit--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            PurchaseOrderCsv.Parse(new MemoryStream(damaged, 0, random.Next(damaged.Length)));
        }
    }

    private static IReadOnlyList<PurchaseOrder> Read(string file) => Assert.IsType<PurchaseOrderFile.Read>(Parse(file)).Orders;

    private static IReadOnlyList<RowError> Errors(string file) => Assert.IsType<PurchaseOrderFile.Refused>(Parse(file)).Errors;

    private static PurchaseOrderFile Parse(string file) => PurchaseOrderCsv.Parse(new MemoryStream(Encoding.UTF8.GetBytes(file)));
}
