"""What words and figures say: dates, times, numbers, telephone numbers, addresses, yes and no. Pure, English, in time linear in the text."""
