from mainstay_export.export import main

main()
